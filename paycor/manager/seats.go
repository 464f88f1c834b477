package manager

import "paycorcred/paycor"

// newSeats bounds the verifications under way: all of them, because each holds
// memory and a connection, and those of one party, so that nobody who asks a
// Paycor that hangs keeps everybody else from asking. A party has a quarter of
// them, or half where it stands for many. That is the server itself too, which
// asks on nobody's request in particular.
func newSeats(all int) *paycor.Shares {
	return paycor.NewShares(all, func(party paycor.Party) int {
		if party.Host || party.Kind == paycor.CallerServer {
			return max(1, all/2)
		}
		return max(1, all/4)
	})
}
