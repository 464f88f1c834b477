package consumer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

func TestWhatATokenWasGivenIsWrittenAndReadAgain(t *testing.T) {
	end := time.Date(2031, 5, 6, 7, 8, 9, 0, time.FixedZone("", 3600))
	for name, one := range map[string]struct {
		program consumer.Consumer
		written string
		read    consumer.Granted
	}{
		"all, for ever": {
			consumer.Consumer{ID: "token_1", Name: "Nightly import", Rights: paycor.Rights{paycor.RightRead}},
			"token_1 rights=read credentials=all until=never name=Nightly import",
			consumer.Granted{ID: "token_1", Name: "Nightly import", Rights: "read"},
		},
		"some": {
			consumer.Consumer{ID: "token_1", Name: "a", Rights: paycor.Rights{paycor.RightView, paycor.RightUse}, Credentials: []string{"c1", "c2"}, ExpiresAt: end},
			"token_1 rights=view,use credentials=c1,c2 until=2031-05-06T06:08:09Z name=a",
			consumer.Granted{ID: "token_1", Name: "a", Rights: "view,use", Credentials: "c1,c2", Until: "2031-05-06T06:08:09Z"},
		},
		"many": {
			consumer.Consumer{ID: "token_1", Name: "a", Rights: paycor.Rights{paycor.RightUse}, Credentials: strings.Fields("c1 c2 c3 c4 c5 c6 c7")},
			"token_1 rights=use credentials=c1,c2,c3,c4,c5,+2 until=never name=a",
			consumer.Granted{ID: "token_1", Name: "a", Rights: "use", Credentials: "c1,c2,c3,c4,c5", More: 2},
		},
		"a name that looks like more": {
			consumer.Consumer{ID: "token_1", Name: "a until=never name=b rights=admin", Rights: paycor.Rights{paycor.RightUse}},
			"token_1 rights=use credentials=all until=never name=a until=never name=b rights=admin",
			consumer.Granted{ID: "token_1", Name: "a until=never name=b rights=admin", Rights: "use"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			written := consumer.GrantedBy(one.program).String()
			assert.Equal(t, one.written, written)
			assert.Equal(t, one.read, consumer.ParseGranted(written))
		})
	}
	assert.Equal(t, consumer.Granted{ID: "token_old"}, consumer.ParseGranted("token_old"), "as older entries have it")
}

func TestWhatATokenWasGivenIsBounded(t *testing.T) {
	one := consumer.Consumer{ID: "token_1", Name: strings.Repeat("a", 10_000), Rights: paycor.AllRights()}
	for range 100 {
		one.Credentials = append(one.Credentials, "cred_"+strings.Repeat("a", 26))
	}
	assert.Less(t, len(consumer.GrantedBy(one).String()), 800)
}
