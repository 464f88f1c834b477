package credentials

import (
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// check rejects a draft that has problems.
func (s *Service) check(draft paycor.Draft, rules paycor.Rules) (paycor.Report, error) {
	rules.Environments = s.config.Environments
	report := paycor.Check(draft, rules)
	if len(report.Problems) > 0 {
		return report, &paycor.Error{
			Kind: paycor.KindInvalid, Problems: report.Problems,
			Message: message.New("error.not-saved", report.Problems[0].Message),
		}
	}
	return report, nil
}

// blockingWarnings returns the warnings that prevent the call to Paycor.
func blockingWarnings(report paycor.Report, accepted bool) []fields.Problem {
	if accepted {
		return nil
	}
	return report.Swapped()
}
