package message_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
)

type named string

func catalogue(t *testing.T) *locale.Catalogue {
	t.Helper()
	c, err := locale.Parse("xx", `{"plain": "100% sure", "swap": "%[2]s before %[1]s", "n": "n is %d", "days.one": "%s day", "days.other": "%s days",
		"list.next": "%s, %s", "list.last": "%s and %s"}`)
	require.NoError(t, err)
	return c
}

func TestIn(t *testing.T) {
	c := catalogue(t)
	for want, m := range map[string]message.Message{
		"":                  {},
		"as it is":          message.Text("as it is"),
		"100% sure":         message.New("plain"),
		"b before a":        message.New("swap", "a", named("b")),
		"n is 7":            message.New("n", int64(7)),
		"1 day":             message.Count("days", 1),
		"2,000 days":        message.Count("days", 2000),
		"2 days before now": message.New("swap", "now", message.Count("days", 2)),
		"a":                 message.List([]message.Message{message.Text("a")}),
		"a, b and c":        message.List([]message.Message{message.Text("a"), message.Text("b"), message.Text("c")}),
	} {
		assert.Equal(t, want, m.In(c))
		assert.Equal(t, message.Text(want), m.Rendered(c))
	}
	assert.True(t, message.List(nil).IsZero())
}

func TestJSONKeepsTheKey(t *testing.T) {
	for _, m := range []message.Message{
		{}, message.Text("as it is"), message.New("plain"), message.New("swap", "a", 7), message.Count("days", 2),
		message.New("swap", message.Count("days", 2), message.New("plain")),
	} {
		text, err := json.Marshal(m)
		require.NoError(t, err)
		var read message.Message
		require.NoError(t, json.Unmarshal(text, &read), string(text))
		assert.Equal(t, m, read)
	}
	text, err := json.Marshal(message.New("swap", "a", 7))
	require.NoError(t, err)
	assert.JSONEq(t, `{"key": "swap", "args": ["a", 7]}`, string(text))
}

func TestJSONRejectsWhatIsNoMessage(t *testing.T) {
	for _, text := range []string{`7`, `[]`, `{"key": 1}`, `{"key": "a", "args": [1.5]}`, `{"key": "a", "args": [true]}`, `{"key": "a", "plural": true}`} {
		assert.Error(t, json.Unmarshal([]byte(text), new(message.Message)), text)
	}
}

func TestStringIsForLogs(t *testing.T) {
	assert.Equal(t, "swap (a, days (2))", message.New("swap", "a", message.Count("days", 2)).String())
	assert.Equal(t, "plain", fmt.Sprint(message.New("plain")))
	assert.Equal(t, "as it is", fmt.Sprint(message.Text("as it is")))
}

func TestOfAnError(t *testing.T) {
	err := message.Errorf("n", 7)
	assert.EqualError(t, err, "n (7)")
	assert.Equal(t, message.New("n", 7), message.Of(fmt.Errorf("wrapped: %w", err)))
	assert.Equal(t, message.Text("x"), message.Of(errors.New("x")))
}
