package notification

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// Limits of addresses.
const (
	maxAddress    = 1000 // bytes
	maxRecipients = 20
)

// HostOf returns the host, with its port, of an address that messages of a type may be sent
// to: an https URL, or an http URL of this machine. Of e-mail addresses it returns the
// domains. It returns "" for what is no such address.
func HostOf(kind Type, address string) string {
	if kind == TypeEmail {
		return domainsOf(address)
	}
	parsed, err := url.Parse(address)
	switch {
	case err != nil, len(address) > maxAddress, parsed.Hostname() == "", parsed.User != nil, parsed.Fragment != "", parsed.Opaque != "":
		return ""
	case parsed.Scheme == "https", parsed.Scheme == "http" && paycor.Loopback(parsed.Hostname()):
		return parsed.Host
	}
	return ""
}

// Recipients returns e-mail addresses that are separated by commas, semicolons or space,
// each once.
func Recipients(address string) []string {
	var each []string
	for _, one := range strings.FieldsFunc(address, func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) }) {
		if !slices.Contains(each, one) {
			each = append(each, one)
		}
	}
	return each
}

// recipientsProblem says what is wrong with e-mail addresses that have no domains.
func recipientsProblem(address string) message.Message {
	recipients := Recipients(address)
	if malformed := slices.IndexFunc(recipients, func(one string) bool { return domainOf(one) == "" }); malformed >= 0 {
		return message.New("problem.channel-recipient", recipients[malformed])
	}
	return message.New("problem.channel-recipients", maxRecipients)
}

// domainsOf returns the domains of e-mail addresses, or "" if one of them is malformed.
func domainsOf(address string) string {
	recipients := Recipients(address)
	if len(address) > maxAddress || len(recipients) > maxRecipients {
		return ""
	}
	var domains []string
	for _, recipient := range recipients {
		domain := domainOf(recipient)
		if domain == "" {
			return ""
		}
		if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	return strings.Join(domains, ", ")
}

// domainOf returns the domain of an e-mail address, or "" for what is none. It takes no
// quoted names and no literal IP addresses: they are rare, and few programs take them.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > 64 || strings.ContainsFunc(address[:at], func(c rune) bool {
		return strings.ContainsRune(`()<>[]:\"@`, c) || !unicode.IsPrint(c)
	}) {
		return ""
	}
	domain := strings.ToLower(address[at+1:])
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.ContainsFunc(label, func(c rune) bool {
			return c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
		}) {
			return ""
		}
	}
	return domain
}
