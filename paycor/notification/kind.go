package notification

import (
	"slices"

	"paycorcred/paycor/listing"
)

// Kind names what happened. It is stable and is part of every message.
type Kind string

// The kinds.
const (
	KindBroke           Kind = "credential.broke"            // Paycor rejects a credential that it accepted
	KindRecovered       Kind = "credential.recovered"        // after it broke, needed activation or was not reachable
	KindNeedsActivation Kind = "credential.needs_activation" // it has to be activated in Paycor again
	KindUnreachable     Kind = "credential.unreachable"      // Paycor could not be asked about it for UnreachableAfter
	KindAccessLost      Kind = "credential.access_lost"      // it can no longer read a list that it could read
	KindRotationDue     Kind = "credential.rotation_due"     // the date to replace its secrets by is near
	KindTokenExpiring   Kind = "token.expiring"              // an API token expires soon
	KindAdministrator   Kind = "administrator.new"           // a person or a program has the right admin for the first time
	KindSiteChanged     Kind = "site.changed"                // an embedding site was added, changed or removed

	// Kinds about the server, for the default workspace.
	KindCertificate    Kind = "certificate.expiring"
	KindAuditBroken    Kind = "audit.broken"
	KindBackupBehind   Kind = "backup.behind"
	KindScheduleBehind Kind = "schedule.behind"

	// KindTest is of a message that an administrator sends to see whether a channel
	// works. No channel can leave it out.
	KindTest Kind = "test"
)

// Kinds returns the kinds that a channel can choose, in the order of the page.
func Kinds() []Kind {
	return []Kind{
		KindBroke, KindNeedsActivation, KindUnreachable, KindRecovered, KindAccessLost, KindRotationDue, KindTokenExpiring,
		KindAdministrator, KindSiteChanged, KindAuditBroken, KindBackupBehind, KindScheduleBehind, KindCertificate,
	}
}

// Valid reports whether a channel can choose the kind.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// OfCredential reports whether the events of the kind are about credentials, so that the
// tags and credentials of a filter apply.
func (k Kind) OfCredential() bool {
	switch k {
	case KindBroke, KindRecovered, KindNeedsActivation, KindUnreachable, KindAccessLost, KindRotationDue:
		return true
	}
	return false
}

// Page returns the path of the page where the matter can be fixed, relative to the
// server's address. subject is the ID of the only thing the message is about; without one,
// the page shows all that need the same.
func (k Kind) Page(subject string) string {
	switch {
	case k.OfCredential() && subject != "":
		return "/credentials/" + subject
	case k == KindBroke, k == KindNeedsActivation, k == KindUnreachable:
		return "/?state=" + string(k.State())
	case k == KindRotationDue:
		return "/?attention=" + string(listing.AttentionRotation)
	case k == KindTokenExpiring:
		return "/consumers"
	case k == KindAdministrator:
		return "/sign-ins"
	case k == KindSiteChanged:
		return "/hosts"
	case k == KindAuditBroken, k == KindBackupBehind, k == KindScheduleBehind, k == KindCertificate:
		return "/system"
	case k == KindTest:
		return "/notifications"
	}
	return "/"
}
