package proxy

import (
	"net/http"
	"time"

	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/usage"
)

// retries says which kinds of retry a call has used up. It has one of each, except for
// tokens.
type retries struct {
	tokens           int // new ones that were asked for
	rateLimit, fault bool
	rejected         bool // token, of another call, before this one was sent with it
}

// maxTokenRetries is how many new tokens a call asks for. Paycor can reject a token that it
// has just issued and accept the next one.
const maxTokenRetries = 3

// deliver sends the call to Paycor, and once more where that does no harm:
//
//   - An empty 401 means that the token was not accepted. A GET or HEAD is sent
//     again with a new token, up to three times; another method only if it has a body
//     and none of it was sent. In any case the next call has a new token. If there is none, the
//     caller is told why instead of the 401.
//   - A 429 means that nothing was done. A GET waits for as long as Paycor asks,
//     if the caller's maximum wait allows that.
//   - After a fault of Paycor's or a broken connection, only a GET or HEAD is
//     sent again.
//
// Any other request is sent once.
func (c *call) deliver(state *credentialState) error {
	var used retries
	maxWait := maxWaitOf(c.r.Header, c.config.MaxWait)
	fresh := false // whether the attempt needs a new connection
	for {
		if err := c.admit(maxWait); err != nil {
			return err
		}
		if c.route.rejected.Load() && !used.rejected {
			used.rejected = true
			if err := c.reroute(state); err != nil {
				return err
			}
			continue
		}
		done, err := c.route.breaker.Allow(c.record.Caller.ID, c.record.Credential)
		if err != nil {
			c.cancelSlot()
			return c.errBreakerOpen(err)
		}
		response, err := c.attemptAndReport(fresh, done)
		if err != nil {
			if used.fault || !c.mayRetryAfter(err) {
				return err
			}
			used.fault, fresh = true, true
			if !c.sleep(c.config.RetryBackoff) {
				return c.errCanceled(c.r.Context().Err(), true)
			}
			continue
		}
		again, err := c.retryAfterResponse(response, state, &used, maxWait)
		if err != nil {
			return err
		}
		if !again {
			return c.forward(response)
		}
	}
}

// admit waits for a slot and a permit of the rate limiter.
func (c *call) admit(maxWait time.Duration) error {
	c.releaseSlot()
	c.now = time.Now()
	admitted, err := c.admission.acquire(c.r.Context(), request{
		principals: c.principals, limiter: c.route.limiter, maxWait: maxWait - c.record.Waited, retry: c.record.Tries > 0,
	}, c.now)
	if err != nil {
		return c.errCanceled(err, c.record.Tries > 0)
	}
	if admitted.crowded {
		return errTooManyCalls()
	}
	c.permit = admitted
	c.record.Waited += admitted.waited
	if !admitted.granted {
		c.setRateLimitHeaders()
		return errRateLimited(admitted, c.route.limiter.limits.perMinute)
	}
	c.slot = admitted
	if admitted.waited > 0 {
		c.now = time.Now()
	}
	return nil
}

// attemptAndReport makes one attempt and reports its outcome to the breaker,
// even after a panic: the breaker would wait for a probe that is not reported.
func (c *call) attemptAndReport(fresh bool, done func(error)) (response *h1.Response, err error) {
	outcome := breaker.ErrFailed
	defer func() { done(outcome) }()
	response, err = c.attempt(fresh)
	outcome = c.outcomeOf(response, err)
	return response, err
}

// outcomeOf returns what an attempt says about the upstream's health.
func (c *call) outcomeOf(response *h1.Response, err error) error {
	switch {
	case err != nil && (c.stopped() || codeOf(err) == usage.CodeCallDisconnected || codeOf(err) == usage.CodeCallBody):
		return breaker.ErrCanceled
	case err != nil && codeOf(err) == usage.CodeCallNotSent:
		return breaker.ErrUnreachable
	case err != nil:
		return breaker.ErrFailed
	}
	switch response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return breaker.ErrFailed
	}
	return nil
}

// mayRetryAfter reports whether a call may be sent again after an attempt
// without a response.
func (c *call) mayRetryAfter(err error) bool {
	code := codeOf(err)
	return c.safe && !c.stopped() && code != usage.CodeCallDisconnected && code != usage.CodeCallTimeout
}

// retryAfterResponse reports whether a call is to be sent again instead of
// forwarding the response, which it discards in that case and after an error.
func (c *call) retryAfterResponse(response *h1.Response, state *credentialState, used *retries, maxWait time.Duration) (bool, error) {
	switch {
	case response.StatusCode == http.StatusUnauthorized && used.tokens < maxTokenRetries && response.Empty():
		used.tokens++
		renewed, err := c.renewRoute(state)
		if hasVerdict(err) { // it is more informative than the empty 401
			c.discard(response)
			return false, err
		}
		if renewed == nil || !c.safe && (c.body == nil || response.BodyStarted()) {
			return false, nil
		}
		c.discard(response)
		c.route = renewed
		return true, nil
	case response.StatusCode == http.StatusTooManyRequests:
		wait := retryAfter(response.Header)
		c.admission.backOff(c.route.limiter, wait)
		if !c.safe || used.rateLimit || wait <= 0 || c.record.Waited+wait > maxWait {
			return false, nil
		}
		used.rateLimit = true
		c.discard(response)
		return true, nil // the limiter makes all calls with this key wait
	case response.StatusCode >= 500 && c.safe && !used.fault:
		used.fault = true
		c.discard(response)
		if !c.sleep(c.config.RetryBackoff) {
			return false, c.errCanceled(c.r.Context().Err(), true)
		}
		return true, nil
	}
	return false, nil
}

// renewRoute rejects the token that Paycor did not accept and requests another
// one. If it returns neither a route nor an error, Paycor's response is to be
// forwarded.
func (c *call) renewRoute(state *credentialState) (*route, error) {
	c.releaseSlot() // it may wait for a token, and a blank response takes nothing to forward
	rejected := c.route.credentials
	c.route.rejected.Store(true)
	renewable, err := c.config.CredentialSource.RejectToken(c.r.Context(), c.record.Caller, c.record.Credential, rejected.Token)
	if err != nil || !renewable {
		c.route.rejected.Store(false) // there is no better one
		return nil, err
	}
	credentials, err := c.upstreamCredentials()
	if err != nil || credentials.Token == rejected.Token {
		return nil, err
	}
	renewed, err := c.routeOf(c.key(), state, credentials)
	if err != nil || renewed.endpoint != c.route.endpoint { // the credential has moved to another environment
		return nil, err
	}
	return renewed, nil
}

// reroute replaces a token that Paycor rejected while this call waited: to send the call
// with it would use up a call of the minute for nothing.
func (c *call) reroute(state *credentialState) error {
	c.cancelSlot()
	credentials, err := c.upstreamCredentials()
	if err != nil {
		return c.credentialsError(err)
	}
	renewed, err := c.routeOf(c.key(), state, credentials)
	if err == nil {
		c.route = renewed
	}
	return err
}

// sleep waits, and reports whether the caller still waits for the response.
func (c *call) sleep(d time.Duration) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}
