package command

import "time"

// sessionLimits are the flags that bound sessions.
type sessionLimits struct {
	SessionIdle     time.Duration `name:"session-idle" help:"cli.help.session-idle" default:"1h" placeholder:"TIME"`
	SessionLifetime time.Duration `name:"session-lifetime" help:"cli.help.session-lifetime" default:"12h" placeholder:"TIME"`
}

// problems returns what is wrong with the limits, and how to fix it.
func (l sessionLimits) problems() (wrong []string) {
	const shortest = 10 * time.Second
	if l.SessionIdle < shortest {
		wrong = append(wrong, say("cli.session-idle"))
	}
	if l.SessionLifetime < l.SessionIdle {
		wrong = append(wrong, say("cli.session-lifetime"))
	}
	return wrong
}
