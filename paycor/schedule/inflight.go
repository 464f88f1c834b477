package schedule

import (
	"maps"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// How much runs at once, and how often Paycor is asked about one application. A
// verification takes 3 requests, and 13 with an access probe: an application whose key
// has Paycor's limit of 1000 requests a minute has at least 600 of them left for calls,
// and one whose credentials are slow to verify does not delay those of others.
const (
	maxInflight            = 16 // half of the slots for verifications; people have the others
	maxApplicationInflight = 2
	applicationInterval    = 2 * time.Second // between two scheduled verifications of one application
)

// inflight are the verifications that run. It is safe for concurrent use.
type inflight struct {
	ended chan struct{} // receives when a verification ended
	group sync.WaitGroup

	mu           sync.Mutex
	credentials  map[paycor.CredentialKey]store.ScheduledApplication
	applications map[store.ScheduledApplication]*applicationLoad
}

// applicationLoad is how much runs for one application.
type applicationLoad struct {
	running int
	started time.Time // the latest one
}

func newInflight() inflight {
	return inflight{
		ended:       make(chan struct{}, 1),
		credentials: map[paycor.CredentialKey]store.ScheduledApplication{}, applications: map[store.ScheduledApplication]*applicationLoad{},
	}
}

func applicationOf(c paycor.Credential) store.ScheduledApplication {
	return store.ScheduledApplication{Environment: c.Environment, ClientID: c.ClientID}
}

// start runs do in the background, as the verification of a credential.
func (f *inflight) start(key paycor.CredentialKey, application store.ScheduledApplication, now time.Time, do func()) {
	f.mu.Lock()
	load := f.applications[application]
	if load == nil {
		load = &applicationLoad{}
		f.applications[application] = load
	}
	load.running++
	load.started = now
	f.credentials[key] = application
	f.mu.Unlock()
	f.group.Go(func() {
		defer f.end(key, load)
		do()
	})
}

func (f *inflight) end(key paycor.CredentialKey, load *applicationLoad) {
	f.mu.Lock()
	load.running--
	delete(f.credentials, key)
	f.mu.Unlock()
	select {
	case f.ended <- struct{}{}:
	default:
	}
}

func (f *inflight) len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.credentials)
}

// has reports whether a verification of the credential is running.
func (f *inflight) has(key paycor.CredentialKey) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, runs := f.credentials[key]
	return runs
}

// inEnvironment reports whether a verification in the environment runs.
func (f *inflight) inEnvironment(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, application := range f.credentials {
		if application.Environment == name {
			return true
		}
	}
	return false
}

// occupied returns the applications of which no scheduled verification may start now.
func (f *inflight) occupied(now time.Time) []store.ScheduledApplication {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.applications, func(_ store.ScheduledApplication, load *applicationLoad) bool {
		return load.running == 0 && untilNext(load.started, now, applicationInterval) <= 0
	})
	var occupied []store.ScheduledApplication
	for application, load := range f.applications {
		if load.running >= maxApplicationInflight || untilNext(load.started, now, applicationInterval) > 0 {
			occupied = append(occupied, application)
		}
	}
	return occupied
}
