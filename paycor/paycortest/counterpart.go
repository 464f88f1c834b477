package paycortest

// BirchClinic is the sample application of a counterpart.
const BirchClinic = "Birch Clinic"

// counterpartSamples are the applications of the other environment. None of
// their values works in the first one, nor the reverse.
func counterpartSamples() []Details {
	return []Details{{
		Name: BirchClinic,
		Note: "Works in the sandbox only: in the other environment its key is refused like a mistyped one.",

		ClientID:     "00000000000000000b01",
		ClientSecret: "simulator/secret+of/Birch+Clinic/000000001",
		PrimaryKey:   "000000000000000000000000000000e1",
		SecondaryKey: "000000000000000000000000000000f1",
		Scopes:       []Scope{{ID: "000000000000000000000000000001d1", Rights: AllRights()}},
		Entities:     []Entity{{ID: 601900, Name: "Birch Clinic PLLC", TenantID: 690011}},
	}}
}

func (s *Simulator) samples() []Details {
	if s.config.Counterpart {
		return counterpartSamples()
	}
	return samples()
}
