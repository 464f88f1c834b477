package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"google.golang.org/protobuf/proto"
)

// Wrapping says by what keys are wrapped. The wrapped keys say so themselves, so a copy of
// a database does too. Nothing proves it: it is for people who look for the key.
type Wrapping struct {
	KMS     string // address of the key in a KMS; empty for a key file
	KeyFile KeyID  // primary key of the key file; 0 if unknown
}

// String returns the address of the key, or key-file: with the number that the key file
// has as its primaryKeyId.
func (w Wrapping) String() string {
	if w.KMS != "" {
		return w.KMS
	}
	return "key-file:" + strconv.FormatUint(uint64(w.KeyFile), 10)
}

// Wrapping returns by what the keys are wrapped.
func (w Wrapped) Wrapping() Wrapping {
	sealed := parseWrapped(w.Values).GetEncryptedKeyset()
	if address, _, ok := cutKMSHeader(sealed); ok {
		return Wrapping{KMS: address}
	}
	id, _ := KeyOf(sealed)
	return Wrapping{KeyFile: id}
}

// Has reports whether wrapped are the keys of the Sealer, perhaps wrapped by another KEK.
// It compares the random IDs of the keys, which are not encrypted. It reports false for
// keys that an earlier version wrapped, which left the IDs out.
func (s *Sealer) Has(wrapped Wrapped) bool {
	return s.ids[0].equal(idsOf(parseWrapped(wrapped.Values).GetKeysetInfo())) &&
		s.ids[1].equal(idsOf(parseWrapped(wrapped.Fingerprints).GetKeysetInfo()))
}

// keysetIDs are the IDs of the keys of a keyset.
type keysetIDs struct {
	primary uint32
	all     []uint32 // in order
}

func idsOf(info *tinkpb.KeysetInfo) keysetIDs {
	ids := keysetIDs{primary: info.GetPrimaryKeyId()}
	for _, key := range info.GetKeyInfo() {
		ids.all = append(ids.all, key.GetKeyId())
	}
	slices.Sort(ids.all)
	return ids
}

func (i keysetIDs) equal(other keysetIDs) bool {
	return i.primary == other.primary && slices.Equal(i.all, other.all)
}

// wrappedWriter writes a wrapped keyset with the IDs of its keys, which the writer of Tink
// leaves out.
type wrappedWriter struct{ bytes.Buffer }

func (w *wrappedWriter) WriteEncrypted(wrapped *tinkpb.EncryptedKeyset) error {
	text, err := proto.Marshal(wrapped)
	w.Buffer.Write(text) // a buffer takes everything
	return err
}

// Write implements keyset.Writer, and writes no keyset that is not encrypted.
func (w *wrappedWriter) Write(*tinkpb.Keyset) error { return errors.ErrUnsupported }

// parseWrapped reads a wrapped keyset. One that cannot be read is empty.
func parseWrapped(wrapped []byte) *tinkpb.EncryptedKeyset {
	parsed := new(tinkpb.EncryptedKeyset)
	if err := proto.Unmarshal(wrapped, parsed); err != nil {
		return new(tinkpb.EncryptedKeyset)
	}
	return parsed
}

// Rewrap returns the keys wrapped by another KEK. The keys stay the same, and so does what
// they encrypted.
func (w Wrapped) Rewrap(from, to KEK) (rewrapped Wrapped, err error) {
	values, err := unwrap(w.Values, from, valuesKeyset)
	if err != nil {
		return Wrapped{}, err
	}
	fingerprints, err := unwrap(w.Fingerprints, from, fingerprintsKeyset)
	if err != nil {
		return Wrapped{}, err
	}
	if rewrapped.Values, err = wrap(values, to, valuesKeyset); err != nil {
		return Wrapped{}, err
	}
	rewrapped.Fingerprints, err = wrap(fingerprints, to, fingerprintsKeyset)
	return rewrapped, err
}

// kmsHeader begins what a KMS has encrypted. The address of its key follows, after its
// length. No ciphertext of a key file begins so.
const kmsHeader = "paycorcred kms 1\n"

// maxAddress is the length of the longest address of a key in bytes.
const maxAddress = 2048

func addKMSHeader(address string, ciphertext []byte) []byte {
	sealed := binary.BigEndian.AppendUint16([]byte(kmsHeader), uint16(len(address)))
	return append(append(sealed, address...), ciphertext...)
}

// cutKMSHeader returns what addKMSHeader was given; not ok if it did not make sealed.
func cutKMSHeader(sealed []byte) (address string, ciphertext []byte, ok bool) {
	rest, ok := bytes.CutPrefix(sealed, []byte(kmsHeader))
	if !ok || len(rest) < 2 {
		return "", nil, false
	}
	length := int(binary.BigEndian.Uint16(rest))
	rest = rest[2:]
	if length > maxAddress || length > len(rest) {
		return "", nil, false
	}
	address = string(rest[:length])
	if strings.ContainsFunc(address, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return "", nil, false // it would be shown in a terminal
	}
	return address, rest[length:], true
}
