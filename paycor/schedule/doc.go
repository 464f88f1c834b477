// Package schedule verifies saved credentials on the server's own initiative:
// each one at a regular interval, and soon after a call contradicts its stored
// state.
//
// # Scheduled verification
//
// The store holds when each credential is due: one interval after its last
// verification, give or take a tenth. The scheduler starts one verification after
// another at an even pace, so that even a backlog after a long downtime causes no
// burst: all credentials together take half an interval. Several run at once, at most
// two of one application, so that slow ones delay no others. If an environment is
// unreachable, the scheduler backs off from all of it, so an outage costs the timeouts
// of those that run rather than one per credential. Lag tells how far it is behind.
//
// # Rechecks
//
// Calls through a credential show whether it works. If they contradict the
// stored state, such as a call that succeeds through a rejected credential, the
// [Queue] holds the credential for an early verification. A call never changes
// the state itself: only a verification does. Rechecks come before scheduled
// verifications and happen even if there is no schedule.
//
// Verifications that people request come first: the scheduler waits while they
// take most of the slots.
package schedule
