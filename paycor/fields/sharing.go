package fields

// Who may use a credential. Sharing names both in lists of changed fields.
const (
	Sharing       Field = "sharing"
	SharingPeople Field = "people"
	SharingGroups Field = "groups"
)
