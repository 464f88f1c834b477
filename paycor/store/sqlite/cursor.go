package sqlite

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"

	"paycorcred/paycor"
)

// listPosition is the position after a credential in a list. It stays valid when
// that credential is deleted.
type listPosition struct{ nameKey, id string }

// macSize is the length in bytes of a cursor's MAC, long enough to resist guessing.
const macSize = 16

// cursor encodes a position with a MAC, so that a client cannot forge one for
// another workspace or position.
func (t credentialTx) cursor(workspace string, position listPosition) string {
	body := binary.AppendUvarint(nil, uint64(len(position.nameKey)))
	body = append(append(body, position.nameKey...), position.id...)
	return base64.RawURLEncoding.EncodeToString(append(t.cursorMAC(workspace, body), body...))
}

func (t credentialTx) cursorMAC(workspace string, body []byte) []byte {
	data := binary.AppendUvarint(nil, uint64(len(workspace)))
	data = append(append(data, workspace...), body...)
	return t.sealer.Fingerprint("cursor of a list of credentials", data)[:macSize]
}

func (t credentialTx) parseCursor(workspace, cursor string) (listPosition, error) {
	if cursor == "" {
		return listPosition{}, nil
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) < macSize || !hmac.Equal(data[:macSize], t.cursorMAC(workspace, data[macSize:])) {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "error.list-cursor")
	}
	body := data[macSize:]
	length, size := binary.Uvarint(body)
	if size <= 0 || length > uint64(len(body)-size) {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "error.list-cursor-version")
	}
	body = body[size:]
	return listPosition{string(body[:length]), string(body[length:])}, nil
}
