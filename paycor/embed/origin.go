package embed

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// ParseOrigin parses the origin of a web site exactly as a browser writes it: https, or
// http on this machine, a host and, unless it is the default, a port. It corrects
// nothing, because an origin is compared exactly and used in a policy: the error says
// what would be right.
func ParseOrigin(text string) (string, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || strings.ContainsAny(text, " \t\r\n;,'\"*\\") {
		return "", message.Errorf("origin.malformed", quoted(text))
	}
	host, port := parsed.Hostname(), parsed.Port()
	if !hostName(host) {
		return "", message.Errorf("origin.host", quoted(text))
	}
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", message.Errorf("origin.scheme", quoted(text))
	case parsed.Scheme == "http" && !paycor.Loopback(host) && !strings.HasSuffix(host, ".localhost"):
		return "", message.Errorf("origin.plain-http", quoted(text))
	}
	if strings.HasSuffix(parsed.Host, ":") || port != "" && !portNumber(port) {
		return "", message.Errorf("origin.port", quoted(text))
	}
	origin := parsed.Scheme + "://" + bracketed(host)
	if port != "" && !(parsed.Scheme == "https" && port == "443") && !(parsed.Scheme == "http" && port == "80") {
		origin += ":" + port
	}
	if origin != text {
		return "", message.Errorf("origin.more", quoted(text), origin)
	}
	return origin, nil
}

// quoted returns a typed text, truncated for a sentence.
func quoted(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func portNumber(port string) bool {
	number, err := strconv.Atoi(port)
	return err == nil && number > 0 && number < 1<<16 && strconv.Itoa(number) == port
}

// hostName reports whether a browser keeps the name as it is. If the last label is a
// number, a browser reads the whole name as an IPv4 address.
func hostName(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Zone() == "" && address.String() == host && !address.Is4In6()
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		strange := func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') }
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, strange) || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(host) <= 253 && !(last[0] >= '0' && last[0] <= '9')
}

// keysAddress reports whether keys may be fetched from an address. A server that is not for
// development does not fetch those on this machine.
func keysAddress(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && len(text) <= 500 && (parsed.Scheme == "https" || parsed.Scheme == "http" && paycor.Loopback(parsed.Hostname())) && parsed.Hostname() != "" && parsed.User == nil && parsed.Fragment == "" && parsed.Opaque == ""
}
