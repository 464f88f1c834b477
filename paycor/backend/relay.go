package backend

import (
	"encoding/json"

	"paycorcred/paycor"
	"paycorcred/paycor/events"
	"paycorcred/paycor/store"
)

// forwarded is a change as one process sends it to the others.
type forwarded struct {
	Workspace string          `json:"workspace"`
	Change    events.Change   `json:"change"`
	Owner     string          `json:"owner,omitempty"`
	Sharing   *paycor.Sharing `json:"sharing,omitempty"`
}

// relay lets the broker tell the pages of all processes what changed, if the store carries
// messages between them.
func relay(broker *events.Broker, over store.Store) {
	messenger, is := over.(store.Messenger)
	if !is {
		return
	}
	broker.Forward = func(workspace string, change events.Change) {
		message, _ := json.Marshal(forwarded{workspace, change, change.Owner, change.Sharing}) // strings only: it cannot fail
		messenger.Send(message)
	}
	messenger.Receive(func(message []byte) {
		var f forwarded
		if message == nil || json.Unmarshal(message, &f) != nil { // of another version, perhaps
			broker.Miss()
			return
		}
		f.Change.Owner, f.Change.Sharing = f.Owner, f.Sharing
		broker.Deliver(f.Workspace, f.Change)
	})
}
