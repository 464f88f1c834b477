package notification

import (
	"slices"
	"time"

	"paycorcred/paycor/message"
)

// MaxSubjects is how many subjects a message lists. Its count is of all.
const MaxSubjects = 50

// Subject is what an event is about.
type Subject struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Message tells the events of one kind in a workspace. It has no values of credentials,
// and no data of people.
type Message struct {
	Kind      Kind      `json:"kind"`
	Workspace string    `json:"workspace"`
	Count     int       `json:"count"` // of events
	Days      int       `json:"days"`  // until the date that it is about; the smallest
	Subjects  []Subject `json:"subjects"`

	// Application is the ID of the application that several credentials share, if all
	// that the message is about do.
	Application string `json:"application,omitempty"`

	At time.Time `json:"at"` // of the latest event
}

// Page returns the path of the page where the matter can be fixed.
func (m Message) Page() string {
	switch {
	case m.Count == 1 && len(m.Subjects) == 1:
		return m.Kind.Page(m.Subjects[0].ID)
	case m.Application != "":
		return "/applications/" + m.Application
	}
	return m.Kind.Page("")
}

// Sentence returns what the message says.
func (m Message) Sentence() message.Message {
	if m.Count != 1 || len(m.Subjects) != 1 || m.Subjects[0].Name == "" {
		many := message.Count("notification.many."+string(m.Kind), m.Count)
		if m.Application != "" {
			many = message.New("list.sentences", many, message.New("notification.application"))
		}
		return many
	}
	args := []any{m.Subjects[0].Name}
	if m.Kind == KindRotationDue || m.Kind == KindTokenExpiring {
		args = append(args, m.due())
	}
	return message.New("notification.one."+string(m.Kind), args...)
}

// due says when the date is that the message is about.
func (m Message) due() message.Message {
	if m.Days <= 0 {
		return message.New("notification.today")
	}
	return message.New("notification.in", message.Count("days", m.Days))
}

// MessageOf returns the message about events of one kind in one workspace, of which there
// is at least one.
func MessageOf(events []Event) Message {
	first := events[0]
	m := Message{Kind: first.Kind, Workspace: first.Workspace, Count: len(events), Days: first.Days, Subjects: []Subject{}}
	for _, event := range events {
		m.Days = min(m.Days, event.Days)
		if event.At.After(m.At) {
			m.At = event.At
		}
		if event.Subject != "" && len(m.Subjects) < MaxSubjects {
			m.Subjects = append(m.Subjects, Subject{event.Subject, event.Name})
		}
	}
	if shared := first.Application; len(events) > 1 && !slices.ContainsFunc(events, func(e Event) bool { return e.Application != shared }) {
		m.Application = shared
	}
	return m
}

// State says what became of a delivery.
type State string

// The states.
const (
	StatePending   State = "pending"
	StateDelivered State = "delivered"
	StateFailed    State = "failed" // it is not tried again, unless a person replays it
)

// Delivery is one message to one channel. Its ID is that of the message for the receiver,
// which may get it more than once.
type Delivery struct {
	ID        string    `json:"id"`
	Workspace string    `json:"workspace"`
	Channel   string    `json:"channel"` // ID
	Message   Message   `json:"message"`
	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	BeganAt   time.Time `json:"began_at"`         // of the tries; a replay begins again
	NextAt    time.Time `json:"next_at,omitzero"` // of the next try; zero if there is none
	Attempts  int       `json:"attempts"`
	Result    *Result   `json:"result,omitempty"` // of the last try

	Sentence message.Message `json:"sentence,omitzero"` // what the message says, once it is listed
}

// Result is what came of one try.
type Result struct {
	At        time.Time       `json:"at"`
	Delivered bool            `json:"delivered"`
	Status    int             `json:"status,omitempty"` // of HTTP, or of SMTP; 0 without an answer
	Message   message.Message `json:"message"`
}

// GiveUpAfter is how long a delivery is tried, and how long a channel may fail until it is
// disabled.
const GiveUpAfter = 72 * time.Hour

// delays are the times between two tries, in order; the last one repeats.
var delays = []time.Duration{
	5 * time.Second, 30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
}

// After returns the delivery after a try. random is from 0 to 1 and spreads the next tries
// of many deliveries.
func (d Delivery) After(result Result, random float64) Delivery {
	d.Attempts++
	d.Result, d.NextAt = &result, time.Time{}
	if result.Delivered {
		d.State = StateDelivered
		return d
	}
	delay := delays[min(d.Attempts, len(delays))-1]
	next := result.At.Add(delay + time.Duration(random*float64(delay)/5))
	if next.Sub(d.BeganAt) > GiveUpAfter {
		d.State = StateFailed
		return d
	}
	d.State, d.NextAt = StatePending, next
	return d
}
