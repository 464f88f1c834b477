package seal

import (
	"encoding/binary"
	"paycorcred/paycor/fields"
)

// AAD is where a sealed value belongs. A value opens in its own place only.
type AAD struct {
	Workspace  string
	Credential string // id
	Field      fields.Field
	Version    uint32 // of the schema: what a sealed value means in it
}

// placeContext keeps sealed values apart from whatever else may once be
// encrypted under the same key.
const placeContext = "paycorcred sealed field"

// bytes encodes the place so that no two places give the same bytes:
// each part comes after its length.
func (p AAD) bytes() []byte {
	data := encode(placeContext, p.Workspace, p.Credential, string(p.Field))
	return binary.BigEndian.AppendUint32(data, p.Version)
}

func encode(parts ...string) []byte {
	var data []byte
	for _, part := range parts {
		data = binary.BigEndian.AppendUint64(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
