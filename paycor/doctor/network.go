package doctor

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

const (
	// connectTimeout is how long a connection to another server may take.
	connectTimeout = 10 * time.Second

	// maxSkew is how far another server's clock may be off from this one: sign-ins and
	// tokens of embedding sites tolerate a minute.
	maxSkew = time.Minute
)

// network makes the checks that connect to other servers, all at the same time.
func (d *Doctor) network(ctx context.Context) []health.Finding {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	checks := d.environments(ctx)
	if d.config.Provider != nil {
		checks = append(checks, d.provider)
	}
	if d.config.KMS != nil {
		checks = append(checks, d.kms)
	}
	found := make([][]health.Finding, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { found[i] = check(ctx) })
	}
	group.Wait()
	return slices.Concat(found...)
}

// environments returns a check for each environment that credentials use.
func (d *Doctor) environments(ctx context.Context) (checks []func(context.Context) []health.Finding) {
	inspector, err := d.config.Open(ctx)
	if err != nil {
		return nil // the check of a few rows says so
	}
	defer inspector.Close()
	if !(inspection{Inspector: inspector}).readable() {
		return nil
	}
	used, stored, err := inspector.Environments(ctx)
	if err != nil {
		return nil // the check of the integrity says so
	}
	addresses := map[string]string{}
	for name, address := range stored {
		addresses[name] = address.APIURL
	}
	if d.config.Environments != nil {
		clear(addresses)
	}
	for _, environment := range d.config.Environments {
		addresses[environment.Name] = environment.APIURL
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		checks = append(checks, func(ctx context.Context) []health.Finding { return d.environment(ctx, name, addresses[name]) })
	}
	return checks
}

// environment checks that an environment can be reached, and that its clock agrees with
// this one.
func (d *Doctor) environment(ctx context.Context, name, address string) []health.Finding {
	if address == "" {
		return []health.Finding{warning("environment", message.New("health.environment-unknown", name), message.New("health.environment-configure", name))}
	}
	at, err := d.reach(ctx, address)
	if err != nil {
		return []health.Finding{problem("environment", message.New("health.environment-unreachable", name, address, cause(err)), message.New("health.network-fix"))}
	}
	found := health.Fine("environment", "health.environment-ok", name, address)
	if at.IsZero() {
		return found
	}
	now := d.config.Clock().UTC()
	if skew := now.Sub(at).Abs(); skew > maxSkew {
		return append(found, problem("clock", message.New("health.clock-off", now.Format(time.RFC3339), name, at.UTC().Format(time.RFC3339)), message.New("health.clock-fix")))
	}
	return found
}

// reach sends a request without any secret, and returns the time that the response has.
// Any response will do.
func (d *Doctor) reach(ctx context.Context, address string) (at time.Time, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	request.Header.Set("User-Agent", "paycorcred")
	response, err := d.config.Client.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16) // so that the connection can be used again
	at, _ = http.ParseTime(response.Header.Get("Date"))
	return at, nil
}

// provider checks that the OpenID Connect provider can be reached and has keys.
func (d *Doctor) provider(ctx context.Context) []health.Finding {
	name, err := d.config.Provider(ctx)
	if err != nil {
		return []health.Finding{problem("oidc", message.New("health.oidc-unusable", name, cause(err)), message.New("health.oidc-fix"))}
	}
	return health.Fine("oidc", "health.oidc-ok", name)
}

// kms tries the key in the KMS. A server that runs needs it only for a rotation.
func (d *Doctor) kms(context.Context) []health.Finding {
	address, err := d.config.KMS()
	if err != nil {
		return []health.Finding{warning("kms", message.New("health.kms-unusable", message.Of(err)), message.New("health.kms-fix"))}
	}
	return health.Fine("kms", "health.kms-ok", address)
}

// cause returns an error without the address, which the sentence around it has.
func cause(err error) message.Message {
	if request, is := errors.AsType[*url.Error](err); is {
		err = request.Err
	}
	return message.Of(err)
}
