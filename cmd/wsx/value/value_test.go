package value

import (
	"testing"

	"github.com/spf13/pflag"
)

func TestSet(t *testing.T) {
	const invalid = "invalid"
	word := func() pflag.Value { return &Choice{Among: []string{"real", "fast"}} }
	for _, test := range []struct {
		value       pflag.Value
		text, shown string
	}{
		{new(Duration), "1.5", "1.5s"},
		{new(Duration), "1m30s", "1m30s"},
		{new(Duration), "-1", "-1s"},
		{new(Duration), "0", "0"},
		{new(Duration), "1e300", invalid},
		{new(Duration), "soon", invalid},
		{new(Limit), "1.5", "1.5s"},
		{new(Limit), "0", "0"},
		{new(Limit), "-1ms", invalid},
		{new(Limit), "soon", invalid},
		{new(GivenDuration), "200ms", "200ms"},
		{new(Size), "65536", "65536"},
		{new(Size), "64KiB", "65536"},
		{new(Size), "64k", "65536"},
		{new(Size), "1.5MB", "1572864"},
		{new(Size), "-1", invalid},
		{new(Size), "9000000T", invalid},
		{new(Size), "1X", invalid},
		{new(GivenSize), "1G", "1073741824"},
		{new(Rate), "10/s", "10"},
		{new(Rate), "0.5", "0.5"},
		{new(Rate), "0", invalid},
		{new(Rate), "inf", invalid},
		{new(Rate), "nan", invalid},
		{new(AWSScope), "eu-west-1", invalid},
		{new(AWSScope), "eu-west-1/a/b", invalid},
		{new(RowCount), "-1", invalid},
		{word(), "fast", "fast"},
		{word(), "slow", invalid},
		{ListOf(new(List), "HOST"), "a", "a"},
	} {
		err := test.value.Set(test.text)
		if shown := test.value.String(); test.shown != invalid && (err != nil || shown != test.shown) || test.shown == invalid && err == nil {
			t.Errorf("%T %q: %q, %v; expected %s", test.value, test.text, shown, err, test.shown)
		}
	}
}
