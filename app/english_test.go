package app

import "paycorcred/app/locale"

// english has the sentences that tests expect.
var english = words{locale.English}

// say returns a sentence in English.
func say(key string, args ...any) string { return english.say(key, args...) }
