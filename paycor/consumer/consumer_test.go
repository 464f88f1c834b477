package consumer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
)

func TestConsumerStates(t *testing.T) {
	now := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		program consumer.Consumer
		want    consumer.State
	}{
		"for ever":             {consumer.Consumer{}, consumer.Active},
		"until later":          {consumer.Consumer{ExpiresAt: now.Add(1)}, consumer.Active},
		"until now":            {consumer.Consumer{ExpiresAt: now}, consumer.Expired},
		"revoked":              {consumer.Consumer{RevokedAt: now}, consumer.Revoked},
		"revoked, and expired": {consumer.Consumer{RevokedAt: now, ExpiresAt: now.Add(-1)}, consumer.Revoked},
	} {
		assert.Equal(t, test.want, test.program.At(now).State, name)
	}
}

func TestAConsumerDraftIsBounded(t *testing.T) {
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("cred_", i)
	}
	caller := paycor.Caller{Rights: paycor.AllRights()}
	for name, test := range map[string]struct {
		draft consumer.Draft
		field fields.Field
	}{
		"a long name":         {consumer.Draft{Name: fmt.Sprintf("%0101d", 1)}, "name"},
		"an invisible name":   {consumer.Draft{Name: "a\u200bb"}, "name"},
		"a name with an end":  {consumer.Draft{Name: "a\x1b[2Jb"}, "name"},
		"broken text":         {consumer.Draft{Name: "a\xff"}, "name"},
		"too many places":     {consumer.Draft{Name: "n", Credentials: many}, "credentials"},
		"an empty place":      {consumer.Draft{Name: "n", Credentials: []string{""}}, "credentials"},
		"a very long place":   {consumer.Draft{Name: "n", Credentials: []string{fmt.Sprintf("%0200d", 1)}}, "credentials"},
		"a hundred years":     {consumer.Draft{Name: "n", ExpiresAt: time.Date(2131, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires_at"},
		"before its creation": {consumer.Draft{Name: "n", ExpiresAt: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires_at"},
	} {
		test.draft.Rights = paycor.Rights{paycor.RightView}
		problems := test.draft.Clean().Check(caller, time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		if assert.Len(t, problems, 1, name) {
			assert.Equal(t, test.field, problems[0].Field, name)
			assertSentences(t, problems[0].Message.In(locale.English))
		}
	}
}

func assertSentences(t *testing.T, text string) {
	t.Helper()
	assert.Regexp(t, `^[A-Z].*\.$`, text)
}

func TestEveryUseHasAClass(t *testing.T) {
	for status, want := range map[int]usage.Class{
		0: usage.ClassAborted, 200: usage.ClassDone, 304: usage.ClassDone, 400: usage.ClassRefused, 401: usage.ClassRefused,
		429: usage.ClassThrottled, 499: usage.ClassRefused, 500: usage.ClassFailed, 599: usage.ClassFailed,
	} {
		assert.Equal(t, want, usage.Call{Status: status}.Class(), status)
	}
	var counts usage.Counts
	for i, class := range usage.Classes() {
		*counts.Of(class) = int64(1) << i
	}
	assert.Equal(t, usage.Counts{Done: 1, Refused: 2, Throttled: 4, Failed: 8, Aborted: 16}, counts)
	assert.EqualValues(t, 31, counts.Calls())
	assert.EqualValues(t, 14, counts.Errors())
	assert.Equal(t, "calls=31 done=1 refused=2 throttled=4 failed=8 aborted=16", counts.String())
}
