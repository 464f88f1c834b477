package paycor

// Environment is one Paycor world: keys, tokens and ids of one do not work in
// another.
type Environment struct {
	Name         string `json:"name"`                    // as stored and sent: "production", "sandbox", "simulator", …
	Title        string `json:"title"`                   // as shown
	APIURL       string `json:"api_url"`                 // base of API and token endpoint, no trailing slash
	AuthorizeURL string `json:"authorize_url,omitempty"` // where a browser activates an application
	PortalURL    string `json:"portal_url,omitempty"`    // the developer portal, where the values stand
}

// Environments returns Paycor's own two, production first.
func Environments() []Environment {
	return []Environment{
		{
			Name: "production", Title: "Production",
			APIURL:       "https://apis.paycor.com",
			AuthorizeURL: "https://hcm.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers.paycor.com",
		},
		{
			Name: "sandbox", Title: "Sandbox",
			APIURL:       "https://apis-sandbox.paycor.com",
			AuthorizeURL: "https://hcm-demo.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers-sandbox.paycor.com",
		},
	}
}
