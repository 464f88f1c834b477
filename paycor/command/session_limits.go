package command

import "time"

// sessionLimits are the flags that bound sessions.
type sessionLimits struct {
	SessionIdle     time.Duration `name:"session-idle" help:"A sign-in that is not used for so long ends." default:"1h" placeholder:"TIME"`
	SessionLifetime time.Duration `name:"session-lifetime" help:"A sign-in ends then, whatever is done." default:"12h" placeholder:"TIME"`
}

// wrong returns what is wrong with the limits, and how to fix it.
func (l sessionLimits) wrong() (wrong []string) {
	const shortest = 10 * time.Second
	if l.SessionIdle < shortest {
		wrong = append(wrong, "--session-idle is shorter than ten seconds; write how long somebody may be away, such as 1h")
	}
	if l.SessionLifetime < l.SessionIdle {
		wrong = append(wrong, "--session-lifetime is shorter than --session-idle; write how long a sign-in lasts at most, such as 12h")
	}
	return wrong
}
