package usage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/usage"
)

func TestMergeAddsUpHoursAndUsers(t *testing.T) {
	nine := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	ten := nine.Add(time.Hour)
	a := usage.Usage{
		Hours: []usage.Hour{{Begins: nine, Counts: usage.Counts{Done: 1}}, {Begins: ten, Counts: usage.Counts{Done: 2}}},
		Users: []usage.User{{Kind: paycor.CallerConsumer, ID: "t1", Name: "import", LastUsedAt: nine, Day: usage.Counts{Done: 3}}},
	}
	b := usage.Usage{
		Hours: []usage.Hour{{Begins: ten, Counts: usage.Counts{Failed: 4}}},
		Users: []usage.User{
			{Kind: paycor.CallerConsumer, ID: "t2", Name: "export", LastUsedAt: nine.Add(time.Minute), Day: usage.Counts{Failed: 1}},
			{Kind: paycor.CallerConsumer, ID: "t1", Name: "import", LastUsedAt: ten, Day: usage.Counts{Failed: 3}},
		},
		Failures: []usage.Failure{{Count: 4}},
	}
	merged := usage.Merge(a, b)
	assert.Equal(t, []usage.Hour{{Begins: nine, Counts: usage.Counts{Done: 1}}, {Begins: ten, Counts: usage.Counts{Done: 2, Failed: 4}}}, merged.Hours)
	assert.Equal(t, []usage.User{
		{Kind: paycor.CallerConsumer, ID: "t1", Name: "import", LastUsedAt: ten, Day: usage.Counts{Done: 3, Failed: 3}},
		{Kind: paycor.CallerConsumer, ID: "t2", Name: "export", LastUsedAt: nine.Add(time.Minute), Day: usage.Counts{Failed: 1}},
	}, merged.Users)
	assert.Empty(t, merged.Failures)
	assert.Equal(t, usage.Counts{Done: 1}, a.Hours[0].Counts, "the parts stay as they were")
	assert.Equal(t, usage.Counts{Done: 2}, a.Hours[1].Counts)
}
