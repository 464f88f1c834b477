package consumer

import (
	"strconv"
	"strings"
	"time"
)

// Granted is what an API token grants, as the audit trail stores it in the detail of the
// entries about creating and revoking it.
type Granted struct {
	ID          string // of the token
	Name        string // of the consumer; empty in old entries, which have only the ID
	Rights      string // comma-separated
	Credentials string // comma-separated IDs, the first few; empty means all
	More        int    // how many more credentials
	Until       string // RFC 3339; empty means no expiry
}

// grantedCredentials is how many credentials an entry names at most.
const grantedCredentials = 5

const (
	grantedRights     = " rights="
	grantedCredential = " credentials="
	grantedUntil      = " until="
	grantedName       = " name="
	grantedAll        = "all"
	grantedForEver    = "never"
	grantedMore       = ",+"
	maxGrantedName    = 4 * maxNameLength // bytes
)

// GrantedBy returns what a consumer's token grants.
func GrantedBy(c Consumer) Granted {
	g := Granted{ID: c.ID, Name: c.Name, Rights: c.Rights.String()}
	named := c.Credentials[:min(len(c.Credentials), grantedCredentials)]
	g.Credentials, g.More = strings.Join(named, ","), len(c.Credentials)-len(named)
	if !c.ExpiresAt.IsZero() {
		g.Until = c.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return g
}

// String returns the text for the trail. The name is last because it may contain
// anything.
func (g Granted) String() string {
	credentials, until := g.Credentials, g.Until
	switch {
	case credentials == "":
		credentials = grantedAll
	case g.More > 0:
		credentials += grantedMore + strconv.Itoa(g.More)
	}
	if until == "" {
		until = grantedForEver
	}
	return g.ID + grantedRights + g.Rights + grantedCredential + credentials + grantedUntil + until +
		grantedName + g.Name[:min(len(g.Name), maxGrantedName)]
}

// ParseGranted parses the result of String, or a bare ID.
func ParseGranted(detail string) Granted {
	id, rest, whole := strings.Cut(detail, grantedRights)
	if !whole {
		return Granted{ID: detail}
	}
	g := Granted{ID: id}
	g.Rights, rest, _ = strings.Cut(rest, grantedCredential)
	g.Credentials, rest, _ = strings.Cut(rest, grantedUntil)
	g.Until, g.Name, _ = strings.Cut(rest, grantedName)
	if g.Until == grantedForEver {
		g.Until = ""
	}
	if named, more, some := strings.Cut(g.Credentials, grantedMore); some {
		g.Credentials = named
		g.More, _ = strconv.Atoi(more)
	}
	if g.Credentials == grantedAll {
		g.Credentials = ""
	}
	return g
}
