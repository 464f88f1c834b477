package records

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"

	"paycorcred/paycor"
)

// listPosition is the position after a credential in a list. It stays valid when
// that credential is deleted. Before the first one, it is the zero value.
type listPosition struct {
	key     string // what the list is sorted by; the nameKey in a list by name
	nameKey string
	id      string
}

// macSize is the length in bytes of a cursor's MAC, long enough to resist guessing.
const macSize = 16

// cursor encodes a position with a MAC, so that a client cannot forge one for
// another workspace, order or position.
func (t credentialTx) cursor(workspace string, order listOrder, position listPosition) string {
	body := append(binary.AppendUvarint(nil, uint64(len(position.key))), position.key...)
	body = append(binary.AppendUvarint(body, uint64(len(position.nameKey))), position.nameKey...)
	body = append(body, position.id...)
	return base64.RawURLEncoding.EncodeToString(append(t.cursorMAC(workspace, order, body), body...))
}

func (t credentialTx) cursorMAC(workspace string, order listOrder, body []byte) []byte {
	data := append(binary.AppendUvarint(nil, uint64(len(workspace))), workspace...)
	data = append(data, order.comparison()...)
	data = append(append(data, order.column...), 0)
	return t.sealer.Fingerprint("cursor of a sorted list of credentials", append(data, body...))[:macSize]
}

func (t credentialTx) parseCursor(workspace string, order listOrder, cursor string) (listPosition, error) {
	if cursor == "" {
		return listPosition{}, nil
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) < macSize || !hmac.Equal(data[:macSize], t.cursorMAC(workspace, order, data[macSize:])) {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "error.list-cursor")
	}
	key, body, wellFormed := cutText(data[macSize:])
	nameKey, id, alsoWellFormed := cutText(body)
	if !wellFormed || !alsoWellFormed {
		return listPosition{}, paycor.Errorf(paycor.KindMalformed, "error.list-cursor-version")
	}
	return listPosition{key, nameKey, string(id)}, nil
}

// cutText cuts a text with its length in front.
func cutText(data []byte) (text string, rest []byte, ok bool) {
	length, size := binary.Uvarint(data)
	if size <= 0 || length > uint64(len(data)-size) {
		return "", nil, false
	}
	data = data[size:]
	return string(data[:length]), data[length:], true
}
