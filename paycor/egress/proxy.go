package egress

import (
	"net/url"
	"strconv"
	"strings"

	"paycorcred/paycor/message"
)

// The variables, in the order in which they count.
var (
	httpsNames  = []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
	httpNames   = []string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}
	exceptNames = []string{"no_proxy", "NO_PROXY"}
)

// readProxies reads the proxy variables.
func readProxies(getenv func(string) string) (p proxies, mistakes []message.Message) {
	variable := func(names []string) (name, value string) {
		for _, name := range names {
			if value := strings.TrimSpace(getenv(name)); value != "" {
				return name, value
			}
		}
		return "", ""
	}
	told := map[string]bool{}
	read := func(names []string) *url.URL {
		name, value := variable(names)
		if value == "" {
			return nil
		}
		proxy, key := parseProxy(value)
		if key != "" && !told[name] {
			told[name] = true
			mistakes = append(mistakes, message.New(key, name))
		}
		return proxy
	}
	p.https, p.http = read(httpsNames), read(httpNames)
	name, value := variable(exceptNames)
	if strings.ContainsAny(value, "\"'`") {
		mistakes = append(mistakes, message.New("cli.no-proxy-malformed", name))
	}
	p.except = value
	return p, mistakes
}

// parseProxy parses the address of a proxy: a URL, or a host and port of an HTTP proxy. key
// is that of the sentence that says what is wrong, which does not quote the address.
func parseProxy(value string) (proxy *url.URL, key string) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	proxy, err := url.Parse(value)
	switch {
	case err != nil || proxy.Hostname() == "" || strings.Trim(proxy.Path, "/") != "" || proxy.RawQuery != "" || proxy.Fragment != "" ||
		strings.ContainsAny(proxy.Host, " \"'`"):
		return nil, "cli.proxy-malformed"
	case proxy.Port() != "":
		if port, err := strconv.ParseUint(proxy.Port(), 10, 16); err != nil || port == 0 {
			return nil, "cli.proxy-malformed"
		}
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
		return proxy, ""
	}
	return nil, "cli.proxy-scheme"
}
