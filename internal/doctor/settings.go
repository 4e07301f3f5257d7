package doctor

import (
	"context"
	"fmt"
	"strings"
)

func pass(format string, args ...any) Finding {
	return Finding{Status: Pass, Detail: fmt.Sprintf(format, args...)}
}

func skip(format string, args ...any) Finding {
	return Finding{Status: Skip, Detail: fmt.Sprintf(format, args...)}
}

func fail(detail string, advice ...string) Finding {
	return Finding{Status: Fail, Detail: detail, Advice: advice}
}

func warn(detail string, advice ...string) Finding {
	return Finding{Status: Warn, Detail: detail, Advice: advice}
}

// some joins the first few of a list and says how many there are beside them.
func some(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(list[:most], "; "), len(list)-most)
}

func (e *examiner) environment(context.Context) Finding {
	if len(e.Problems) == 0 {
		return pass("complete and well-formed")
	}
	f := fail(fmt.Sprintf("missing or wrong: %d", len(e.Problems)))
	for _, p := range e.Problems {
		f.Advice = append(f.Advice, p.Variable+" "+p.Wrong+". "+p.Help)
	}
	return f
}

// wellKnown are parts of secrets that somebody made up, or copied from an example.
// Random text of any length that is used has none of them.
var wellKnown = []string{
	"changeme", "change-me", "change_me", "password", "passwort", "default", "example", "placeholder", "replace", "your-", "your_",
	"123456", "abcdefg", "qwerty", "letmein", "coffer", "discord", "supabase", "demo-demo", "secret-secret", "dev-secret", "jwt-secret", "jwt_secret",
}

// weak says why a text that the operator chose is no secret; "" if nothing speaks
// against it.
func weak(s string) string {
	lower := strings.ToLower(s)
	for _, known := range wellKnown {
		if strings.Contains(lower, known) {
			return "has a well-known word in it"
		}
	}
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	switch {
	case len(distinct) < min(10, len(s)/2):
		return "has few different characters"
	case strings.Contains((s + s)[1:len(s)*2-1], s):
		return "repeats itself"
	}
	return ""
}

func (e *examiner) secrets(context.Context) Finding {
	var wrong []string
	names := map[string]string{} // by value
	for _, s := range e.Secrets {
		if s.Chosen {
			if why := weak(s.Value); why != "" {
				wrong = append(wrong, s.Variable+" "+why)
			}
		}
		if other, used := names[s.Value]; used && other != s.Variable {
			wrong = append(wrong, s.Variable+" is the same as "+other)
		}
		names[s.Value] = s.Variable
	}
	if len(wrong) > 0 {
		return fail(some(wrong), "Make each a random text of its own: openssl rand -base64 48")
	}
	return pass("none is weak or used twice, as far as one can see (%d looked at)", len(e.Secrets))
}

func (e *examiner) origins(context.Context) Finding {
	var wrong, patterns []string
	for _, o := range e.CORSOrigins {
		switch {
		case o == "*" || !strings.HasPrefix(o, "https://"):
			wrong = append(wrong, o)
		case strings.Contains(o, "*"):
			patterns = append(patterns, o)
		}
	}
	switch {
	case len(wrong) > 0:
		return fail("not https: "+some(wrong), "Name pages that are reached by https in CORS_ORIGINS; what comes by http can be changed on its way, and may then call the API.")
	case e.Elsewhere && len(e.CORSOrigins) == 0:
		return fail("COOKIE_SAMESITE=none is for a dashboard that calls the API from another site, and CORS_ORIGINS names none", "Set CORS_ORIGINS to the dashboard's origin, or leave COOKIE_SAMESITE out.")
	case len(patterns) > 0:
		return warn("a pattern, so each of these previews may call the API: "+some(patterns), "Name whole origins in CORS_ORIGINS where that is enough.")
	case len(e.CORSOrigins) == 0:
		return pass("no page elsewhere may call the API")
	}
	return pass("https, and no wildcard: %s", some(e.CORSOrigins))
}
