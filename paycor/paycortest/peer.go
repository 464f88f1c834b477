package paycortest

// BirchClinic is the sample application of the peer environment.
const BirchClinic = "Birch Clinic"

// peerSamples are the applications of the peer environment. No value of one
// environment works in the other.
func peerSamples() []Details {
	return []Details{{
		Name: BirchClinic,
		Note: "Works in the sandbox only: in the other environment its key is rejected like a mistyped one.",

		ClientID:     "00000000000000000b01",
		ClientSecret: "simulator/secret+of/Birch+Clinic/000000001",
		PrimaryKey:   "000000000000000000000000000000e1",
		SecondaryKey: "000000000000000000000000000000f1",
		Scopes:       []Scope{{ID: "000000000000000000000000000001d1", Rights: AllRights()}},
		Entities:     []Entity{{ID: 601900, Name: "Birch Clinic PLLC", TenantID: 690011}},
	}}
}

func (s *Simulator) samples() []Details {
	if s.config.Peer {
		return peerSamples()
	}
	return samples()
}
