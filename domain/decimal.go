package domain

import (
	"strconv"
	"strings"
)

// Bounds of a decimal of 128 bits (IEEE 754-2008, decimal128): digits of the
// coefficient, and the exponent of its last one.
const (
	decimalMaxDigits   = 34
	decimalMinExponent = -6176
	decimalMaxExponent = 6111
)

// canonicalDecimal returns the one form in which a decimal of 128 bits is written:
// that of "to-scientific-string" in the General Decimal Arithmetic Specification. The
// zeros at its end count. It returns false for what is none, or would have to be
// rounded.
func canonicalDecimal(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "nan":
		return "NaN", true
	case "infinity", "+infinity", "inf", "+inf":
		return "Infinity", true
	case "-infinity", "-inf":
		return "-Infinity", true
	}
	sign, digits, exponent, ok := readDecimal(text)
	if !ok {
		return "", false
	}
	return sign + scientific(digits, exponent), true
}

// readDecimal takes a decimal apart: its digits without zeros before them, and the
// exponent of the last one.
func readDecimal(text string) (sign, digits string, exponent int, ok bool) {
	number, isNegative := strings.CutPrefix(text, "-")
	if isNegative {
		sign = "-"
	} else {
		number = strings.TrimPrefix(number, "+")
	}
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		n, err := strconv.Atoi(number[i+1:])
		if err != nil || n > 10_000 || n < -10_000 {
			return "", "", 0, false
		}
		number, exponent = number[:i], n
	}
	whole, fraction, _ := strings.Cut(number, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", "", 0, false
	}
	exponent -= len(fraction)
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		digits = "0"
	}
	ok = len(digits) <= decimalMaxDigits && exponent >= decimalMinExponent && exponent <= decimalMaxExponent
	return sign, digits, exponent, ok
}

func scientific(digits string, exponent int) string {
	adjusted := exponent + len(digits) - 1
	switch {
	case exponent == 0:
		return digits
	case exponent < 0 && adjusted >= -6:
		point := len(digits) + exponent
		if point <= 0 {
			return "0." + strings.Repeat("0", -point) + digits
		}
		return digits[:point] + "." + digits[point:]
	}
	mantissa := digits[:1]
	if len(digits) > 1 {
		mantissa += "." + digits[1:]
	}
	if adjusted >= 0 {
		return mantissa + "E+" + strconv.Itoa(adjusted)
	}
	return mantissa + "E" + strconv.Itoa(adjusted)
}
