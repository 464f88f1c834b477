package paycor

import (
	"slices"
	"strings"
	"sync"
)

// Party is somebody, or something, to which a share of the server is given
// where nobody may take all of it.
type Party struct {
	Sort          PartySort
	Kind          CallerKind // of a caller
	Workspace, ID string
}

// PartySort says what a party is.
type PartySort int

// The sorts of party.
const (
	PartyCaller     PartySort = iota
	PartyHost                 // an embedding site, with all of its people
	PartyWorkspace            // all callers of it
	PartyCredential           // all calls through it
	PartyUse                  // those of one caller through one credential
)

// Parties returns whose shares the caller's part counts in: its own, that of
// its workspace, and for somebody embedded also that of the site, which names
// as many people as it likes.
func (c Caller) Parties() []Party {
	parties := make([]Party, 0, 4)
	parties = append(parties, Party{PartyCaller, c.Kind, c.Workspace, c.ID}, Party{Sort: PartyWorkspace, Workspace: c.Workspace})
	if host, _, is := strings.Cut(c.ID, "/"); is && c.Kind == CallerEmbedded {
		parties = append(parties, Party{PartyHost, c.Kind, c.Workspace, host})
	}
	return parties
}

// Shares bounds what is under way at once: all of it, and what one party has
// of it. It is safe for concurrent use.
type Shares struct {
	all   int
	of    func(Party) int
	mu    sync.Mutex
	taken int
	by    map[Party]int
}

// NewShares returns shares of all places, of which a party may have as many as
// of says.
func NewShares(all int, of func(Party) int) *Shares {
	return &Shares{all: all, of: of, by: map[Party]int{}}
}

// Take gives a place that counts in the shares of some parties until leave is
// called, which is nil where there is none.
func (s *Shares) Take(parties ...Party) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.all || slices.ContainsFunc(parties, func(party Party) bool { return s.by[party] >= s.of(party) }) {
		return nil
	}
	s.count(parties, 1)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count(parties, -1)
	}
}

// Taken returns how many places are taken.
func (s *Shares) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// count counts places taken or left. s.mu is held.
func (s *Shares) count(parties []Party, by int) {
	s.taken += by
	for _, party := range parties {
		if s.by[party] += by; s.by[party] == 0 {
			delete(s.by, party)
		}
	}
}
