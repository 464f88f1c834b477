package store

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/notification"
)

// Inventory counts what is stored, in all workspaces together.
type Inventory struct {
	Credentials   map[CredentialGroup]int
	NeedAttention int                    // credentials; see paycor.Credential.NeedsAttention
	Rotations     map[RotationDue]int    // applications with a date to replace their secrets by
	APITokens     map[consumer.State]int // altered ones count as what they say they are
	TokensEnding  int                    // active API tokens that expire soon
	Sessions      int                    // of signed-in people, except for those past their absolute end
	AuditEntries  int64                  // that are not archived
	Channels      map[notification.ChannelState]int
}

// CredentialGroup is what credentials are counted by.
type CredentialGroup struct {
	Environment string
	State       paycor.State
}

// RotationDue says how near the date is to replace secrets by.
type RotationDue string

// The distances.
const (
	RotationOverdue RotationDue = "overdue" // it has passed
	RotationSoon    RotationDue = "soon"
	RotationLater   RotationDue = "later"
)

// InventoryReader counts what is stored.
type InventoryReader interface {
	// Inventory counts at a time. What is due or expires before soon does so soon. It is
	// made for every minute, so it reads only indexes, and tables that are small.
	Inventory(now, soon time.Time) (Inventory, error)
}
