package app

import (
	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// effectText says what the last known state of a credential means for calls, or "" if
// it means nothing for them. used is nil if the credential's usage is not known here.
func (p *Page) effectText(c paycor.Credential, used *usage.Usage) string {
	if c.LastConclusive == nil {
		return ""
	}
	switch effect := c.LastConclusive.Effect(); {
	case effect == verdicts.EffectNone:
		return ""
	case effect == verdicts.EffectEntity:
		return p.say("effect.entity", int(c.LegalEntityID))
	case effect != verdicts.EffectLater || used == nil:
		return p.say("effect." + string(effect))
	case used.TokenExpiresAt.After(p.now()):
		return p.say("effect.until", p.clockText(used.TokenExpiresAt, p.now()))
	}
	return p.say("effect.fail")
}
