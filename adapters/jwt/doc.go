// Package jwt issues and checks access tokens as JSON Web Tokens, signed with
// HMAC. It fills ports.Tokens.
//
// A token's claims are admin_id, org_id, email, epoch, and the registered iss,
// aud, jti, iat and exp. Every one of them is required. Others are ignored, but
// for nbf, which is obeyed.
//
// Verify goes from cheap to dear:
//
//  1. The shape, which allocates nothing: the size, three parts, the alphabet,
//     the length of the signature, and a header that says the one algorithm in
//     use and nothing more than the type. So no header of a client's making
//     chooses an algorithm, a key or an extension.
//  2. The signature, by jwx with the pinned algorithm.
//  3. The claims of what is signed, read strictly: exact names, none twice,
//     whole numbers. jwx's own reader of claims takes dates as strings, of two
//     equal names the last, big numbers as floats, and five times as long.
//
// Every refusal is domain.ErrUnauthenticated. Its cause is one of a few fixed
// errors, which hold no part of the token.
package jwt
