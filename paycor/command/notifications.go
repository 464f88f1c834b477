package command

import (
	"net/netip"
	"strings"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification/delivery"
)

// notifications returns how notifications are sent from a server at an address.
func (s *serve) notifications(address, version string) delivery.SenderConfig {
	return delivery.SenderConfig{
		Egress: s.egress, Networks: s.networks, Mail: s.mail, Address: strings.TrimRight(address, "/"), Version: version,
		Say: func(language string, said message.Message) string {
			catalogue, ok := locale.ByTag(language)
			if !ok {
				catalogue = locale.English
			}
			return said.In(catalogue)
		},
	}
}

// hasLanguage reports whether there are sentences in a language.
func hasLanguage(tag string) bool {
	_, ok := locale.ByTag(tag)
	return ok
}

// parseNetworks parses the networks of --notify-network. It returns a sentence for each
// that is malformed.
func parseNetworks(texts []string) (networks []netip.Prefix, malformed []string) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			malformed = append(malformed, say("cli.notify-network", text))
			continue
		}
		networks = append(networks, network.Masked())
	}
	return networks, malformed
}
