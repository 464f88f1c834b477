package paycor

import (
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
	by    map[Party]*share // of those that have something under way
}

// share is what one party has. Who holds a place holds on to its shares: to
// look a party up costs more than everything else here.
type share struct {
	party Party
	taken int
}

// NewShares returns shares of all places, of which a party may have as many as
// of says.
func NewShares(all int, of func(Party) int) *Shares {
	return &Shares{all: all, of: of, by: map[Party]*share{}}
}

// Take gives a place that counts in the shares of some parties, of which none
// is named twice, until leave is called. leave is nil where there is no place.
func (s *Shares) Take(parties ...Party) (leave func()) {
	shares := make([]*share, len(parties))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.all {
		return nil
	}
	for i, party := range parties {
		has := s.by[party]
		if has == nil {
			has = &share{party: party}
		}
		if has.taken >= s.of(party) {
			return nil
		}
		shares[i] = has
	}
	s.taken++
	for _, share := range shares {
		if share.taken++; share.taken == 1 {
			s.by[share.party] = share
		}
	}
	return func() { s.leave(shares) }
}

func (s *Shares) leave(shares []*share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	for _, share := range shares {
		if share.taken--; share.taken == 0 {
			delete(s.by, share.party)
		}
	}
}

// Taken returns how many places are taken.
func (s *Shares) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
