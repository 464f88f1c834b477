package credentials_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// callEach calls every method of a service with an id, and otherwise with zero values.
func callEach(ctx context.Context, service api.Service, id string, check func(method string, err error)) {
	kind := reflect.TypeFor[api.Service]()
	for i := range kind.NumMethod() {
		method := reflect.ValueOf(service).MethodByName(kind.Method(i).Name)
		var arguments []reflect.Value
		for j := range method.Type().NumIn() {
			switch parameter := method.Type().In(j); {
			case j == 0:
				arguments = append(arguments, reflect.ValueOf(ctx))
			case parameter.Kind() == reflect.String && j == 1:
				arguments = append(arguments, reflect.ValueOf(id).Convert(parameter))
			default:
				arguments = append(arguments, reflect.Zero(parameter))
			}
		}
		results := method.Call(arguments)
		err, _ := results[len(results)-1].Interface().(error)
		check(kind.Method(i).Name, err)
	}
}

// A caller without rights can do nothing: no method may forget to ask.
func TestEveryMethodAsksForRights(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	id := h.Create(t).ID
	own := []string{"Sessions", "CurrentSession", "Health"} // about the caller
	callEach(t.Context(), h.As(env.Person()), id, func(method string, err error) {
		if slices.Contains(own, method) {
			return
		}
		kind := paycor.KindOf(err)
		assert.True(t, kind == paycor.KindForbidden || kind == paycor.KindNotFound, "%s: %v", method, err)
	})
}

// While the store fails, every method says so, and none takes the failure for a mistake of
// the caller or for an empty answer.
func TestEveryMethodReportsAFailingStore(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	id := h.Create(t).ID
	var disk *env.FailingStore
	failing := h.Reopen(t, env.Options{WrapStore: func(inner store.Store) store.Store {
		disk = &env.FailingStore{Store: inner}
		return disk
	}})
	disk.Failing.Store(true)
	defer disk.Failing.Store(false)
	check := func(method string, err error) {
		assert.Error(t, err, method)
		kind := paycor.KindOf(err)
		assert.True(t, kind != paycor.KindNotFound && kind != paycor.KindStale && kind != paycor.KindForbidden, "%s: %v", method, err)
	}
	unread := []string{"Environments", "Health", "CurrentSession"} // configured, measured, and nothing to read without a session
	callEach(t.Context(), failing.As(env.Administrator()), id, func(method string, err error) {
		if !slices.Contains(unread, method) {
			check(method, err)
		}
	})
	for _, action := range recorded {
		if action.prepare == nil {
			check(action.name, action.do(t, failing, id, nil))
		}
	}
}

func TestCredentialCounts(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	createFor(t, h, "one", entity(h, 0))
	hidden := createFor(t, h, "two", entity(h, 1))
	restrict(t, h, hidden.ID)
	counts, err := h.As(env.Administrator()).CredentialCounts(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, counts.Total)
	counts, err = h.As(stranger(paycor.RightView)).CredentialCounts(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, counts.Total)

	page, err := h.As(env.Administrator()).Credentials(t.Context(), paycor.Query{WithCounts: true, IDs: []string{hidden.ID}})
	require.NoError(t, err)
	require.Len(t, page.Credentials, 1)
	assert.Equal(t, hidden.ID, page.Credentials[0].ID)
	require.NotNil(t, page.Counts)

	limited := env.Administrator()
	limited.Credentials = []string{hidden.ID}
	page, err = h.As(limited).Credentials(t.Context(), paycor.Query{WithCounts: true, IDs: []string{"c_another"}})
	require.NoError(t, err)
	assert.Empty(t, page.Credentials)
	require.NotNil(t, page.Counts)
	assert.Equal(t, 1, page.Counts.Total)
}

// A restart without the flags of an environment leaves its credentials without an address.
func TestUnconfiguredEnvironmentsAreLogged(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	h.Create(t)
	require.NoError(t, h.WarnUnconfiguredEnvironments(t.Context()))
	assert.NotContains(t, h.Log.String(), "not configured")
	other := h.Reopen(t, env.Options{Log: h.Log, Change: func(c *backend.Config) {
		c.Environments = []paycor.Environment{{Name: "another", APIURL: h.Paycor.URL}}
		c.Clock = time.Now
	}})
	require.NoError(t, other.WarnUnconfiguredEnvironments(t.Context()))
	assert.Equal(t, 1, strings.Count(h.Log.String(), "environments that are not configured"))
	assert.Contains(t, h.Log.String(), "test")
}
