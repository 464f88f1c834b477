package credentials

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// environment returns a configured environment by name.
func (s *Service) environment(name string) paycor.Environment {
	for _, environment := range s.config.Environments {
		if environment.Name == name {
			return environment
		}
	}
	// A credential may outlive the configuration of its environment. Without an
	// address nothing is sent, and the verdict says why.
	return paycor.Environment{Name: name}
}

// WarnUnconfiguredEnvironments logs how many credentials belong to environments
// that are not configured, for example after a restore without the same flags.
func (s *Service) WarnUnconfiguredEnvironments(ctx context.Context) error {
	var used map[string]int
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		used, err = r.UsedEnvironments()
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for environments that are not configured: %w", err)
	}
	maps.DeleteFunc(used, func(name string, _ int) bool { return s.environment(name).APIURL != "" })
	credentials := 0
	for _, count := range used {
		credentials += count
	}
	if credentials > 0 {
		s.config.Logger.WarnContext(ctx, "credentials belong to environments that are not configured: start with --environment NAME=URL for each, or with --simulator",
			"credentials", credentials, "environments", slices.Sorted(maps.Keys(used)))
	}
	return nil
}

// explainUnconfigured makes a verdict say that its environment is not
// configured, if that is why nothing was sent.
func explainUnconfigured(verdict verdicts.Verdict, environment paycor.Environment) verdicts.Verdict {
	if verdict.Code != verdicts.CodeEnvironmentUnusable || environment.APIURL != "" {
		return verdict
	}
	verdict.Message = message.New("verdict.environment_unconfigured", environment.Name)
	verdict.Remedy = message.New("verdict.environment_unconfigured.fix", environment.Name)
	if environment.Name == "simulator" || environment.Name == "simulator-sandbox" {
		verdict.Remedy = message.New("verdict.environment_unconfigured.fix-simulator", environment.Name)
	}
	return verdict
}
