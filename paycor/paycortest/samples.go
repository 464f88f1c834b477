package paycortest

// Samples returns the applications a simulator starts with, in their current
// state, to print at the start and in documents. They are invented and the same
// in every run.
func (s *Simulator) Samples() []Details {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Details
	for _, sample := range s.samples() {
		if app := s.find(func(d *Details) bool { return d.Name == sample.Name }); app != nil {
			all = append(all, app.details.clone())
		}
	}
	return all
}

// Names of the sample applications.
const (
	SunriseBakery   = "Sunrise Bakery"
	HarborLogistics = "Harbor Logistics"
	OldMillFoods    = "Old Mill Foods"
	SummitDental    = "Summit Dental"
	CedarPrint      = "Cedar Print Works"
)

// samples lists every value. They are so regular that neither a person nor a secret
// scanner can mistake them for real ones.
func samples() []Details {
	callback := []string{
		"http://localhost:8080/activation/callback", "http://127.0.0.1:8080/activation/callback", "http://[::1]:8080/activation/callback",
	}
	return []Details{
		{
			Name: SunriseBakery,
			Note: "Works with the four fields alone. 450 employees on three pages; its pay data is empty.",

			ClientID:     "00000000000000000a01",
			ClientSecret: "simulator/secret+of/Sunrise+Bakery/0000001",
			PrimaryKey:   "000000000000000000000000000000b1",
			SecondaryKey: "000000000000000000000000000000c1",
			Scopes:       []Scope{{ID: "000000000000000000000000000000d1", Rights: AllRights()}},
			Entities: []Entity{
				{ID: 501123, Name: "Sunrise Bakery LLC", TenantID: 678556, Records: map[string]int{"employees": 450, "paydata": 0}},
				{ID: 501124, Name: "Sunrise Bakery Cafés LLC", TenantID: 678556},
			},
			RedirectURIs: callback, AnyPort: true,
		},
		{
			Name: HarborLogistics,
			Note: "Can’t use client_credentials: someone must activate it in a browser.",

			ClientID:     "00000000000000000a02",
			ClientSecret: "simulator/secret+of/Harbor+Logistics/00002",
			PrimaryKey:   "000000000000000000000000000000b2",
			SecondaryKey: "000000000000000000000000000000c2",
			Scopes:       []Scope{{ID: "000000000000000000000000000000d2", Rights: AllRights()}},
			Grants:       []GrantType{AuthorizationCode, RefreshToken},
			Entities:     []Entity{{ID: 502240, Name: "Harbor Logistics Inc", TenantID: 679001}},
			RedirectURIs: callback, AnyPort: true,
		},
		{
			Name: OldMillFoods,
			Note: "The right " + string(ViewLegalEntity) + " isn’t selected on its Data Access tab.",

			ClientID:     "00000000000000000a03",
			ClientSecret: "simulator/secret+of/Old+Mill+Foods/0000003",
			PrimaryKey:   "000000000000000000000000000000b3",
			SecondaryKey: "000000000000000000000000000000c3",
			Scopes: []Scope{{ID: "000000000000000000000000000000d3",
				Rights: []Right{ViewEmployees, ViewDepartments, ViewWorkLocations}}},
			Entities:     []Entity{{ID: 503377, Name: "Old Mill Foods Ltd", TenantID: 680420}},
			RedirectURIs: callback, AnyPort: true,
		},
		{
			Name: SummitDental,
			Note: "Its legal entity has left Paycor.",

			ClientID:     "00000000000000000a04",
			ClientSecret: "simulator/secret+of/Summit+Dental/00000004",
			PrimaryKey:   "000000000000000000000000000000b4",
			SecondaryKey: "000000000000000000000000000000c4",
			Scopes:       []Scope{{ID: "000000000000000000000000000000d4", Rights: AllRights()}},
			Entities:     []Entity{{ID: 504418, Name: "Summit Dental PC", TenantID: 681733, Lost: true}},
			RedirectURIs: callback, AnyPort: true,
		},
		{
			Name: CedarPrint,
			Note: "Isn’t of type Standard: it gets a token, but every call ends in 403.",

			ClientID:     "00000000000000000a05",
			ClientSecret: "simulator/secret+of/Cedar+Print+Works/0005",
			PrimaryKey:   "000000000000000000000000000000b5",
			SecondaryKey: "000000000000000000000000000000c5",
			Scopes:       []Scope{{ID: "000000000000000000000000000000d5", Rights: AllRights()}},
			Entities:     []Entity{{ID: 505590, Name: "Cedar Print Works GmbH", TenantID: 682305}},
			NotStandard:  true,
			RedirectURIs: callback, AnyPort: true,
		},
	}
}
