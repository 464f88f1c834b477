package proxy

import (
	"net/url"
	"strings"
)

// rewriteLocation turns a URL of Paycor's into the one under which this server
// forwards it. Other URLs stay as they are.
func (c *call) rewriteLocation(location string) string {
	prefix := strings.TrimSuffix(c.r.RequestURI, c.request.Target)
	endpoint := c.route.endpoint
	if strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") {
		return endpoint.localPath(prefix, location)
	}
	address, err := url.Parse(location)
	switch {
	case err != nil, address.User != nil:
		return location
	case address.Scheme == "" && address.Host == "":
		return c.resolveLocation(prefix, address, location)
	case !strings.EqualFold(address.Host, endpoint.host) || address.Scheme != "" && address.Scheme != endpoint.url.Scheme:
		return location
	}
	_, path, _ := strings.Cut(location, "//")
	start := strings.IndexAny(path, "/?#")
	switch {
	case start < 0:
		path = "/"
	case path[start] != '/':
		path = "/" + path[start:]
	default:
		path = path[start:]
	}
	return endpoint.localPath(prefix, path)
}

// resolveLocation makes a relative URL absolute, because its dots could point
// outside of what this server forwards.
func (c *call) resolveLocation(prefix string, relative *url.URL, location string) string {
	request, err := url.Parse(c.route.endpoint.basePath + c.request.Target)
	if err != nil {
		return location
	}
	return c.route.endpoint.localPath(prefix, request.ResolveReference(relative).String())
}

// localPath returns the path under which this server forwards a path of the
// endpoint's, or the path itself if it is outside the base path.
func (e *endpoint) localPath(prefix, path string) string {
	if e.basePath == "" {
		return prefix + path
	}
	if rest, ok := strings.CutPrefix(path, e.basePath); ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
		return prefix + rest
	}
	return path
}
