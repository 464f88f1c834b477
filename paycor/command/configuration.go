package command

import (
	"os"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/web"
	"paycorcred/web/oidc"
)

// minVerifyEvery is the shortest interval of scheduled verifications.
const minVerifyEvery = 10 * time.Minute

// configuration checks all flags before anything is started, so that one run reports
// everything that is wrong.
func (s *serve) configuration(file *configFile) ([]paycor.Environment, web.ListenSettings, oidc.Config, error) {
	settings, listening := s.ListenOptions.Check(s.Options.Set())
	identity, provider := s.Options.Config()
	var unusable []message.Message
	s.egress, unusable = s.outgoing.Rule(os.Getenv)
	s.opened, _ = s.openKEK() // problems says why it can't be opened
	wrong := slices.Concat(file.problems, texts(listening), texts(provider), texts(unusable))
	wrong = append(wrong, s.sessionLimits.problems()...)
	var malformed []string
	s.networks, malformed = parseNetworks(s.NotifyNet)
	wrong = append(wrong, malformed...)
	s.mail, malformed = s.mailOptions.server()
	wrong = append(wrong, malformed...)
	s.receiver, malformed = s.auditStreamOptions.receiver()
	wrong = append(wrong, malformed...)
	environments := paycor.Environments()
	for _, text := range s.Environment {
		for one := range strings.FieldsSeq(text) {
			environment, err := paycor.ParseEnvironment(one)
			if err != nil {
				wrong = append(wrong, "--environment: "+explain(err))
				continue
			}
			environments = addEnvironment(environments, environment)
		}
	}
	for _, text := range s.Counterpart {
		for one := range strings.FieldsSeq(text) {
			if err := paycor.PairEnvironments(environments, one); err != nil {
				wrong = append(wrong, "--counterpart: "+explain(err))
			}
		}
	}
	if s.AuditKeep != 0 && time.Duration(s.AuditKeep) < minAuditKeep {
		wrong = append(wrong, say("cli.audit-keep"))
	}
	if s.ChangeLimit < 0 {
		wrong = append(wrong, say("cli.changes-per-minute", s.ChangeLimit))
	}
	if s.CallLimit < 1 {
		wrong = append(wrong, say("cli.call-limit", s.CallLimit))
	}
	if s.VerifyEvery != 0 && s.VerifyEvery < minVerifyEvery {
		wrong = append(wrong, say("cli.verify-every", s.VerifyEvery, minVerifyEvery))
	}
	wrong = append(wrong, s.scheduledBackups.problems(s.data)...)
	wrong = append(wrong, s.logOptions.problems()...)
	wrong = append(wrong, s.debugOptions.problems(settings.Certificates != nil)...)
	if s.DrainTime < 0 {
		wrong = append(wrong, say("cli.drain-time", s.DrainTime))
	}
	wrong = append(wrong, s.data.problems()...)
	if len(wrong) > 0 {
		return nil, settings, identity, configurationError(wrong)
	}
	return environments, settings, identity, nil
}

// addEnvironment replaces the environment of the same name, or appends one.
func addEnvironment(environments []paycor.Environment, environment paycor.Environment) []paycor.Environment {
	for i := range environments {
		if environments[i].Name == environment.Name {
			environments[i] = environment
			return environments
		}
	}
	return append(environments, environment)
}
