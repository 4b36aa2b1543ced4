/**
 * The passwords that are tried first.
 *
 * @module
 */

/** Passwords of at least 8 characters; shorter ones are refused as too short anyway. */
const common = new Set(
  (`password passw0rd password1 password12 password123 password1234 password! p@ssword p@ssw0rd pa55word passwort
  passwort1 passwort123 motdepasse contraseña contrasena senha123 parola123 wachtwoord lösenord salasana hasło123
  letmein1 letmein123 letmeinnow welcome1 welcome12 welcome123 welcome! willkommen bienvenue iloveyou iloveyou1
  iloveyou2 ichliebedich jetaime1 teamo123 sunshine sunshine1 princess princess1 prinzessin football football1
  fussball baseball baseball1 basketball softball hockey123 superman superman1 batman123 spiderman starwars
  starwars1 pokemon1 pokemon123 dragon123 monkey123 shadow123 master123 michael1 jennifer jordan23 michelle
  charlie1 charlie123 whatever whatever1 trustno1 trustno1! changeme changeme1 changeme123 changeit default1
  default123 defaultpassword administrator admin123 admin1234 admin12345 adminadmin root1234 rootroot toor1234
  test1234 testtest testtest1 test12345 guest123 guestguest user1234 username secret12 secret123 topsecret
  mypassword mypassword1 yourpassword newpassword oldpassword nopassword blink182 computer computer1 internet
  internet1 samsung1 samsung123 google123 facebook facebook1 linkedin myspace1 microsoft windows1 hello123
  hello1234 hellohello helloworld hallo123 hallohallo qwerty123 qwerty12 qwerty1234 qwertyui qwertyuiop
  qwertz123 qwertzui qwertzuiop azerty123 azertyui azertyuiop asdfghjk asdfghjkl asdf1234 asdfasdf zxcvbnm1
  zxcvbnm123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 q1w2e3r4 q1w2e3r4t5 qazwsxedc zaq12wsx zaq1zaq1 qwe12345
  1234qwer 123qwe123 12qwaszx abc12345 abcd1234 abc123456 abc123abc a1b2c3d4 aa123456 a1234567 a12345678
  a123456789 abcdefg1 abcdefgh abcdefghi 1234abcd 12341234 12344321 11223344 1122334455 123123123 123321123
  147258369 147852369 159753456 741852963 789456123 987654321 9876543210 87654321 012345678 0123456789 31415926
  letsgo123 superstar chocolate butterfly liverpool liverpool1 arsenal1 chelsea1 barcelona barcelona1 realmadrid
  juventus manchester metallica slipknot1 nirvana1 elizabeth alexander alexandra christian christina samantha
  jessica1 victoria benjamin nicholas jonathan danielle stephanie patricia veronica gabriela valentina
  maverick mercedes corvette porsche1 ferrari1 thunder1 midnight midnight1 lovelove loveyou1 babygirl babygirl1
  angel123 forever1 freedom1 friends1 cheese123 banana123 pepper123 ginger123 cookie123 buster123 tigger123
  hunter22 hunter12 hunter123 killer123 ranger123 soccer123 summer123 winter123 spring123 autumn123
  correcthorsebatterystaple echopipe echopipe1`).split(/\s+/),
).add("correct horse battery staple");

/** Rows that fingers run along. */
const rows = ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop"];

/**
 * Tells a password that is among those that are tried first: in the list, of one or two characters over and over, a run
 * along the keyboard, the alphabet or the digits, or a year or some digits away from it.
 */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase();
  const stem = plain.replace(/[\d!.?*#]{1,4}$/, "");
  if (common.has(plain) || (stem.length >= 8 && common.has(stem))) return true;
  if (new Set(plain).size <= 2) return true;
  return [plain, [...plain].reverse().join("")].some((text) => rows.some((row) => row.includes(text)));
}
