package paycor

import (
	"net/netip"
	"net/url"
	"strings"

	"paycorcred/paycor/message"
)

// Environment is one Paycor installation. Keys, tokens and IDs of one do not work in
// another.
type Environment struct {
	Name         string `json:"name"`                    // as stored and sent: "production", "sandbox", "simulator", …
	APIURL       string `json:"api_url"`                 // base of API and token endpoint, no trailing slash
	AuthorizeURL string `json:"authorize_url,omitempty"` // where a browser activates an application
	PortalURL    string `json:"portal_url,omitempty"`    // the developer portal, which shows the values
	Peer         string `json:"counterpart,omitempty"`   // name of the environment to try values of this one in; see PeerOf
}

// Title returns the environment's name on the screen.
func (e Environment) Title() message.Message {
	switch e.Name {
	case "production", "sandbox", "simulator", "simulator-sandbox":
		return message.New("environment." + e.Name)
	}
	return message.Text(e.Name)
}

// Environments returns Paycor's own two environments, production first.
func Environments() []Environment {
	return []Environment{
		{
			Name:         "production",
			APIURL:       "https://apis.paycor.com",
			AuthorizeURL: "https://hcm.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers.paycor.com",
			Peer:         "sandbox",
		},
		{
			Name:         "sandbox",
			APIURL:       "https://apis-sandbox.paycor.com",
			AuthorizeURL: "https://hcm-demo.paycor.com/AppActivation/Authorize",
			PortalURL:    "https://developers-sandbox.paycor.com",
			Peer:         "production",
		},
	}
}

// environmentNameLetters are the characters of an environment's name, which is used in
// URLs, metrics and audit entries.
const environmentNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_"

// ParseEnvironment parses "NAME=API_URL[,AUTHORIZE_URL]". URLs are https. Plain http is
// allowed for loopback only, because secrets are sent there.
func ParseEnvironment(text string) (Environment, error) {
	name, urls, found := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !found || name == "" || len(name) > 40 || strings.Trim(name, environmentNameLetters) != "" {
		return Environment{}, message.Errorf("cli.environment-malformed", text)
	}
	api, authorize, _ := strings.Cut(urls, ",")
	environment := Environment{Name: name}
	for _, known := range Environments() {
		if known.Name == name {
			environment = known
			environment.Peer = "" // only Paycor's own two are a pair, at their own addresses
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

// Loopback reports whether a host name means this machine.
func Loopback(host string) bool {
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}
