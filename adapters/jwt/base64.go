package jwt

// The functions here read base64url without padding from a string, without
// allocating and without a copy. encoding/base64 skips line breaks and, unless
// strict, unused bits of the last character: then several texts are one token.

const notBase64 = 0xff

// base64Value gives each character's six bits.
var base64Value = func() (values [256]byte) {
	for i := range values {
		values[i] = notBase64
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(alphabet) {
		values[alphabet[i]] = byte(i)
	}
	return values
}()

// isBase64 reports whether s is the one encoding of one or more bytes.
func isBase64(s string) bool {
	var unused byte
	switch len(s) % 4 {
	case 1:
		return false
	case 2:
		unused = 0x0f
	case 3:
		unused = 0x03
	}
	for i := range len(s) {
		if base64Value[s[i]] == notBase64 {
			return false
		}
	}
	return s != "" && base64Value[s[len(s)-1]]&unused == 0
}

// decodeBase64 appends what s encodes to out. isBase64(s) must hold.
func decodeBase64(out []byte, s string) []byte {
	var bits uint32
	var have int
	for i := range len(s) {
		bits = bits<<6 | uint32(base64Value[s[i]])
		if have += 6; have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have&0xff))
		}
	}
	return out
}
