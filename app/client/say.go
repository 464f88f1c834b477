package client

import "paycorcred/app/locale"

// say returns a sentence of the page in its language.
func say(key string, args ...any) string { return locale.Current().Text(key, args...) }
