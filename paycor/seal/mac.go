package seal

import "crypto/hmac"

// MAC returns a message authentication code of data for one purpose: only who has
// the key can make it. It is FingerprintSize bytes long.
func (s *Sealer) MAC(purpose string, data []byte) []byte {
	return s.Fingerprint(macPurpose+purpose, data)
}

// ValidMAC reports whether mac was made by MAC for the same purpose and data, under
// any key of the keyset.
func (s *Sealer) ValidMAC(purpose string, data, mac []byte) bool {
	input := append(encode(macPurpose+purpose), data...)
	for _, key := range s.fingerprints.PRFs {
		if made, err := key.ComputePRF(input, FingerprintSize); err == nil && hmac.Equal(made, mac) {
			return true
		}
	}
	return false
}

// macPurpose keeps a fingerprint from ever being a valid MAC.
const macPurpose = "paycorcred authentication of "
