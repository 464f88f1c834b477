package paycor

import (
	"net/netip"
	"net/url"
	"paycorcred/paycor/message"
	"strings"
)

// Environment is one Paycor world: keys, tokens and ids of one do not work in
// another.
type Environment struct {
	Name         string `json:"name"`                    // as stored and sent: "production", "sandbox", "simulator", …
	Title        string `json:"title"`                   // as shown
	APIURL       string `json:"api_url"`                 // base of API and token endpoint, no trailing slash
	AuthorizeURL string `json:"authorize_url,omitempty"` // where a browser activates an application
	PortalURL    string `json:"portal_url,omitempty"`    // the developer portal, where the values stand
	Peer         string `json:"counterpart,omitempty"`   // name of the environment to try values of this one in; see PeerOf
}

// Environments returns Paycor's own two, production first.
func Environments() []Environment {
	return []Environment{
		{
			Name: "production", Title: "Production",
			APIURL:       "https://apis.paycor.com",
			AuthorizeURL: "https://hcm.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers.paycor.com",
			Peer:         "sandbox",
		},
		{
			Name: "sandbox", Title: "Sandbox",
			APIURL:       "https://apis-sandbox.paycor.com",
			AuthorizeURL: "https://hcm-demo.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers-sandbox.paycor.com",
			Peer:         "production",
		},
	}
}

// environmentNameLetters are what an environment's name is made of: it stands
// in URLs, metrics and audit entries.
const environmentNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_"

// ParseEnvironment reads "NAME=API_URL[,AUTHORIZE_URL]". The URLs are https;
// plain http is taken for loopback alone, because secrets travel there.
func ParseEnvironment(text string) (Environment, error) {
	name, urls, found := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !found || name == "" || len(name) > 40 || strings.Trim(name, environmentNameLetters) != "" {
		return Environment{}, message.Errorf("cli.environment-malformed", text)
	}
	api, authorize, _ := strings.Cut(urls, ",")
	environment := Environment{Name: name, Title: name}
	for _, known := range Environments() {
		if known.Name == name {
			environment = known
			environment.Peer = "" // the pair is Paycor's own two, at their own addresses
		}
	}
	var err error
	if environment.APIURL, err = baseURL(api); err != nil {
		return Environment{}, message.Errorf("cli.environment-url", name, "API_URL", message.Of(err))
	}
	if strings.TrimSpace(authorize) == "" {
		return environment, nil
	}
	if environment.AuthorizeURL, err = baseURL(authorize); err != nil {
		return Environment{}, message.Errorf("cli.environment-url", name, "AUTHORIZE_URL", message.Of(err))
	}
	return environment, nil
}

func baseURL(text string) (string, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Hostname() == "" || parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", message.Errorf("cli.environment-url-malformed", text)
	case parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		return "", message.Errorf("cli.environment-url-extra")
	case parsed.Scheme == "http" && !Loopback(parsed.Hostname()):
		return "", message.Errorf("cli.environment-url-http", parsed.Hostname())
	}
	return text, nil
}

// Loopback reports whether a host name stands for this machine alone.
func Loopback(host string) bool {
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}
