package oidc

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"paycorcred/paycor"
)

// verifyIDToken validates signature, issuer, audience and times of an ID token.
func (p *Provider) verifyIDToken(ctx context.Context, metadata *metadata, raw string) (*oidc.IDToken, map[string]any, error) {
	id, err := metadata.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, nil, misconfigured("signin.untrusted", fmt.Errorf("verifying the ID token: %w", err))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, nil, misconfigured("signin.unreadable", err)
	}
	if azp, ok := claims["azp"].(string); ok && azp != p.config.ClientID {
		return nil, nil, misconfigured("signin.audience", fmt.Errorf("azp is %q", azp))
	}
	if id.Subject == paycor.LocalAdministrator {
		return nil, nil, misconfigured("signin.reserved", fmt.Errorf("sub is %q, which identifies the local administrator", id.Subject))
	}
	now := p.clock()
	if early := id.IssuedAt.Sub(now); early > clockSkew {
		return nil, nil, misconfigured("signin.clocks", fmt.Errorf("the ID token is from the future, by %s: set this machine's clock", early.Round(time.Second)))
	}
	if late := now.Sub(id.Expiry); late > clockSkew {
		return nil, nil, misconfigured("signin.clocks", fmt.Errorf("the new ID token has expired %s ago already: set this machine's clock", late.Round(time.Second)))
	}
	return id, claims, nil
}
