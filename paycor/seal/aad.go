package seal

import (
	"encoding/binary"

	"paycorcred/paycor/fields"
)

// AAD is the associated data of a sealed value: what the value belongs to. Opening
// the value needs the same AAD.
type AAD struct {
	Workspace string
	Owner     string // id of the application, or of the credential for what is only its own
	Field     fields.Field
	Version   uint32 // schema version, which defines the meaning of the value
}

// aadContext separates sealed values from anything else that may be encrypted under
// the same key in the future.
const aadContext = "paycorcred sealed field"

// bytes encodes the AAD unambiguously: each part follows its length.
func (a AAD) bytes() []byte {
	data := encode(aadContext, a.Workspace, a.Owner, string(a.Field))
	return binary.BigEndian.AppendUint32(data, a.Version)
}

func encode(parts ...string) []byte {
	var data []byte
	for _, part := range parts {
		data = binary.BigEndian.AppendUint64(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
