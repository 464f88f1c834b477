package paycor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

func TestWhatATokenWasGivenIsWrittenAndReadAgain(t *testing.T) {
	end := time.Date(2031, 5, 6, 7, 8, 9, 0, time.FixedZone("", 3600))
	for name, one := range map[string]struct {
		consumer paycor.Consumer
		written  string
		read     paycor.Granted
	}{
		"all, for ever": {
			paycor.Consumer{ID: "token_1", Name: "Nightly import", Rights: paycor.Rights{paycor.RightRead}},
			"token_1 rights=read credentials=all until=never name=Nightly import",
			paycor.Granted{ID: "token_1", Name: "Nightly import", Rights: "read"},
		},
		"some": {
			paycor.Consumer{ID: "token_1", Name: "a", Rights: paycor.Rights{paycor.RightView, paycor.RightUse}, Credentials: []string{"c1", "c2"}, ExpiresAt: end},
			"token_1 rights=view,use credentials=c1,c2 until=2031-05-06T06:08:09Z name=a",
			paycor.Granted{ID: "token_1", Name: "a", Rights: "view,use", Credentials: "c1,c2", Until: "2031-05-06T06:08:09Z"},
		},
		"many": {
			paycor.Consumer{ID: "token_1", Name: "a", Rights: paycor.Rights{paycor.RightUse}, Credentials: strings.Fields("c1 c2 c3 c4 c5 c6 c7")},
			"token_1 rights=use credentials=c1,c2,c3,c4,c5,+2 until=never name=a",
			paycor.Granted{ID: "token_1", Name: "a", Rights: "use", Credentials: "c1,c2,c3,c4,c5", More: 2},
		},
		"a name that looks like more": {
			paycor.Consumer{ID: "token_1", Name: "a until=never name=b rights=admin", Rights: paycor.Rights{paycor.RightUse}},
			"token_1 rights=use credentials=all until=never name=a until=never name=b rights=admin",
			paycor.Granted{ID: "token_1", Name: "a until=never name=b rights=admin", Rights: "use"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			written := paycor.GrantedTo(one.consumer).String()
			assert.Equal(t, one.written, written)
			assert.Equal(t, one.read, paycor.ParseGranted(written))
		})
	}
	assert.Equal(t, paycor.Granted{ID: "token_old"}, paycor.ParseGranted("token_old"), "as older entries have it")
}

func TestWhatATokenWasGivenIsBounded(t *testing.T) {
	one := paycor.Consumer{ID: "token_1", Name: strings.Repeat("a", 10_000), Rights: paycor.AllRights()}
	for range 100 {
		one.Credentials = append(one.Credentials, "cred_"+strings.Repeat("a", 26))
	}
	assert.Less(t, len(paycor.GrantedTo(one).String()), 800)
}
