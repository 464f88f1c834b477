package quota

import (
	"paycorcred/paycor"
	"strings"
	"sync"
)

// Party is somebody, or something, to which a share of the server is given
// where nobody may take all of it.
type Principal struct {
	Sort          PrincipalKind
	Kind          paycor.CallerKind // of a caller
	Workspace, ID string
}

// PartySort says what a party is.
type PrincipalKind int

// The sorts of party.
const (
	PrincipalCaller     PrincipalKind = iota
	PrincipalHost                     // an embedding site, with all of its people
	PrincipalWorkspace                // all callers of it
	PrincipalCredential               // all calls through it
	PrincipalUse                      // those of one caller through one credential
)

// PrincipalsOf returns whose shares the caller's part counts in: its own, that of
// its workspace, and for somebody embedded also that of the site, which names
// as many people as it likes.
func PrincipalsOf(c paycor.Caller) []Principal {
	parties := make([]Principal, 0, 4)
	parties = append(parties, Principal{PrincipalCaller, c.Kind, c.Workspace, c.ID}, Principal{Sort: PrincipalWorkspace, Workspace: c.Workspace})
	if host, _, is := strings.Cut(c.ID, "/"); is && c.Kind == paycor.CallerEmbedded {
		parties = append(parties, Principal{PrincipalHost, c.Kind, c.Workspace, host})
	}
	return parties
}

// Shares bounds what is under way at once: all of it, and what one party has
// of it. It is safe for concurrent use.
type Quota struct {
	all   int
	of    func(Principal) int
	mu    sync.Mutex
	taken int
	by    map[Principal]*share // of those that have something under way
}

// share is what one party has. Who holds a place holds on to its shares: to
// look a party up costs more than everything else here.
type share struct {
	party Principal
	taken int
}

// NewShares returns shares of all places, of which a party may have as many as
// of says.
func New(all int, of func(Principal) int) *Quota {
	return &Quota{all: all, of: of, by: map[Principal]*share{}}
}

// Take gives a place that counts in the shares of some parties, of which none
// is named twice, until leave is called. leave is nil where there is no place.
func (s *Quota) Take(parties ...Principal) (leave func()) {
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

func (s *Quota) leave(shares []*share) {
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
func (s *Quota) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
