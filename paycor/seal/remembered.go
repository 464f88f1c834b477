package seal

import (
	"bytes"
	"crypto/sha256"
	"sync"
)

// rememberedKeysets is how many keysets Remember keeps: both of a database, before and
// after a few changes.
const rememberedKeysets = 16

// Remember returns a KEK that asks a KMS once for each wrapped keyset. A server holds its
// keys in memory anyway; so it can examine its database and its backups while the KMS is
// away.
func Remember(kek KEK) KEK { return &rememberingKEK{KEK: kek} }

// Try finds out whether a KEK can encrypt and decrypt now. Its error says what to do.
func Try(kek KEK) error {
	if remembering, is := kek.(*rememberingKEK); is {
		kek = remembering.KEK
	}
	const purpose = "paycorcred check of a key"
	sealed, err := kek.Encrypt([]byte(purpose), []byte(purpose))
	if err == nil {
		_, err = kek.Decrypt(sealed, []byte(purpose))
	}
	return err
}

type rememberingKEK struct {
	KEK

	mu    sync.Mutex
	known []rememberedText // the latest last
}

// rememberedText is a text that the KEK has encrypted or decrypted.
type rememberedText struct {
	digest [sha256.Size]byte // of the ciphertext and the associated data
	text   []byte
}

func (k *rememberingKEK) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	sealed, err := k.KEK.Encrypt(plaintext, associatedData)
	if err == nil {
		k.remember(digestOf(sealed, associatedData), plaintext)
	}
	return sealed, err
}

func (k *rememberingKEK) Decrypt(sealed, associatedData []byte) ([]byte, error) {
	digest := digestOf(sealed, associatedData)
	k.mu.Lock()
	for _, known := range k.known {
		if known.digest == digest {
			k.mu.Unlock()
			return bytes.Clone(known.text), nil
		}
	}
	k.mu.Unlock()
	text, err := k.KEK.Decrypt(sealed, associatedData)
	if err == nil {
		k.remember(digest, text)
	}
	return text, err
}

func (k *rememberingKEK) remember(digest [sha256.Size]byte, text []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) == rememberedKeysets {
		k.known = k.known[1:]
	}
	k.known = append(k.known, rememberedText{digest, bytes.Clone(text)})
}

func digestOf(sealed, associatedData []byte) [sha256.Size]byte {
	return sha256.Sum256(encode(string(sealed), string(associatedData)))
}
