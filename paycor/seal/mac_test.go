package seal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/seal"
)

func TestMAC(t *testing.T) {
	sealer := newSealer(t)
	mac := sealer.MAC("purpose", []byte("data"))
	assert.Len(t, mac, seal.FingerprintSize)
	assert.True(t, sealer.ValidMAC("purpose", []byte("data"), mac))
	assert.False(t, sealer.ValidMAC("purpose", []byte("other"), mac))
	assert.False(t, sealer.ValidMAC("purposed", []byte("ata"), mac))
	assert.False(t, sealer.ValidMAC("purpose", []byte("data"), nil))
	assert.False(t, sealer.ValidMAC("purpose", []byte("data"), mac[:16]))
	assert.False(t, sealer.ValidMAC("purpose", []byte("data"), sealer.Fingerprint("purpose", []byte("data"))))
	assert.False(t, newSealer(t).ValidMAC("purpose", []byte("data"), mac), "it depends on the key")
}
