//! What the bytes of a file say, a row each: the first credential that the door finds, and its rule.

use pintle::testing::secrets::{Context, Trees, read, rule_of};
use pintle::testing::{File, yaml};
use pintle::{Book, SourceId};

/// Rows of a file's name, its text and what is found: the credential and its rule. `%PW%` is a password, `%PX%` one of
/// letters and digits.
type Row = (&'static str, &'static str, Option<(&'static str, &'static str)>);

fn check(rows: &[Row]) {
    let (book, _) = Book::built_in();
    let filled = |text: &str| text.replace("%PW%", "Kx7-wombat-Lime").replace("%PX%", "Kx7wombatLime92");
    for (name, text, expected) in rows {
        let text = filled(text);
        let file = File { id: SourceId(0), name, text: &text };
        let facts = read(&file, Trees::Read(&[]), &Context::new(&book.tables)).facts;
        let mut facts = facts.iter().filter(|fact| !fact.says.kind.is_of_file());
        let found = facts.next().map(|fact| (rule_of(&fact.says), fact.says.value.text.to_string()));
        let expected = expected.map(|(rule, value)| (rule, filled(value)));
        assert_eq!(found, expected, "{name}: {text}");
    }
}

#[test]
fn assignments_are_read_as_their_files_write_them() {
    check(&[
        (".env", "DB_PASSWORD=%PW%", Some(("secret-generic", "%PW%"))),
        (".env", "export API_TOKEN='%PX%'", Some(("secret-generic", "%PX%"))),
        ("a.tfvars", "db_password = \"%PW%\"", Some(("secret-generic", "%PW%"))),
        ("a.py", "password: str = \"%PW%\"", Some(("secret-generic", "%PW%"))),
        ("a.go", "cfg.ApiKey := \"kx7wzmbq92ljveq1\"", Some(("secret-generic", "kx7wzmbq92ljveq1"))),
        ("a.js", "{ \"clientSecret\": \"%PW%\" }", Some(("secret-generic", "%PW%"))),
        ("run.sh", "vault login --token=%PW%", Some(("secret-generic", "%PW%"))),
        ("a.yaml", "# password: %PW%", Some(("secret-generic", "%PW%"))),
        (".env", "DB_PASSWORD=postgres", Some(("secret-weak-default", "postgres"))),
        (".env", "DB_PASSWORD=${DB_PASSWORD}", None),
        (".env", "DB_PASSWORD=", None),
        (".env", "PASSWORD_FILE=/run/secrets/Kx7wombatLime", None),
        (".env", "TOKEN_URL=https://x.org/Kx7wombatLime", None),
        ("a.yaml", "password: %PW%", None),
        ("a.ini", "# mysql://root:admin@db/x", None),
        ("a.md", "mysql://root:admin@db/x", None),
        ("a.ini", "url = mysql://root:admin@db/x", Some(("secret-weak-default", "admin"))),
        ("a.go", "url = \"mysql://root:admin@db/x\"", Some(("secret-doubtful", "admin"))),
        ("db.container", "Secret=shop_db_password,type=env,target=DB_PASSWORD", None),
        ("run.sh", "echo \"DB_PASSWORD: admin\"", None),
        ("run.sh", "echo \"DB_PASSWORD=%PW%\" > .env", Some(("secret-generic", "%PW%"))),
        ("db/password.txt", "%PX%\n", Some(("secret-generic", "%PX%"))),
        ("db/password.txt", "admin\n", Some(("secret-weak-default", "admin"))),
        ("a.md", "Without the master password = permanent lockout", None),
        ("a.txt", "- PASS: all of them", None),
        ("a.ini", "self.password = password", None),
        ("a.py", "password = get_password(Kx7)", None),
        ("a.py", "password = \"the password of the user\"", None),
        ("a.go", "if token == \"%PX%\" {", None),
        ("a.md", "The token: Kx7 is what you need", None),
        ("a.py", "SECRET_NAME = \"%PW%\"", None),
    ]);
}

#[test]
fn credentials_are_found_away_from_their_names() {
    check(&[
        (
            "main.tf",
            "variable \"db_password\" {\n  type = string\n  default = \"%PW%\"\n}\n",
            Some(("secret-generic", "%PW%")),
        ),
        (
            "main.tf",
            "variable \"db_password\" {\n  default = \"\"\n}\nvariable \"x\" {\n  default = \"%PW%\"\n}\n",
            None,
        ),
        (".netrc", "machine git.corp.net login bot password %PW%\n", Some(("secret-generic", "%PW%"))),
        (
            "user-data",
            "chpasswd:\n  list: |\n    root:%PW%\n  expire: false\n",
            Some(("secret-generic", "%PW%")),
        ),
        ("user-data", "chpasswd:\n  list: |\n    root:$6$abc$def\n  expire: false\nname: a:b\n", None),
    ]);
}

#[test]
fn commands_show_their_credentials() {
    const FOUND: Option<(&str, &str)> = Some(("secret-in-script", "%PW%"));
    check(&[
        ("x.sh", "docker login -u bot -p %PW% reg.io", FOUND),
        ("x.sh", "helm registry login reg.io --password %PW%", FOUND),
        ("x.sh", "kubectl create secret generic db --from-literal=password='%PW%'", FOUND),
        (
            "x.sh",
            "kubectl create secret generic db --from-literal=username=bob --from-literal=password=%PW%",
            FOUND,
        ),
        ("x.sh", "vault login --token %PW%", FOUND),
        ("x.sh", "sshpass -p '%PW%' ssh root@x", FOUND),
        ("x.sh", "curl -u bot:%PW% https://x", FOUND),
        ("x.sh", "echo \"root:%PW%\" | chpasswd", FOUND),
        ("x.sh", "htpasswd -nb bot %PW%", FOUND),
        ("x.sh", "mysql -uroot -p%PW% shop", FOUND),
        ("x.sh", "mysqldump -h db -p shop", None),
        ("x.sh", "mysql -uroot -p\"$PW\" shop", None),
        ("x.sh", "docker login -u bot -p $TOKEN reg.io", None),
        ("x.sh", "docker login -u bot -p \"$(cat x)\" reg.io", None),
        ("x.sh", "echo $TOKEN | docker login --password-stdin", None),
        ("x.sh", "curl -u \"$USER:$PASS\" https://x", None),
        ("x.sh", "kubectl create secret generic db --from-literal=username=%PW%", None),
    ]);
}

/// What no chart and no build takes is not told as values of one.
#[test]
fn what_machines_and_other_programs_are_given_is_told_as_any_text() {
    let rows = [
        (
            "cloud-init.yml",
            "#cloud-config\nwrite_files:\n- path: /etc/web.conf\n  password: %PW%\n",
            "secret-generic",
        ),
        ("user-data", "#cloud-config\npassword: %PW%\n", "secret-generic"),
        ("values.yaml", "# cloud-config\npassword: %PW%\n", "secret-in-values"),
        (
            "flows/tag.json",
            "{\"nodes\": [{\"name\": \"a\", \"password\": \"%PW%\"}], \"connections\": {}}",
            "secret-generic",
        ),
        ("values.json", "{\"nodes\": [{\"name\": \"a\", \"password\": \"%PW%\"}]}", "secret-in-values"),
    ];
    let (book, _) = Book::built_in();
    for (name, text, expected) in rows {
        let text = text.replace("%PW%", "Kx7-wombat-Lime");
        let file = File { id: SourceId(0), name, text: &text };
        let documents = yaml::read(file.id, file.text).documents;
        let facts = read(&file, Trees::Read(&documents), &Context::new(&book.tables)).facts;
        let rules: Vec<&str> = facts.iter().map(|fact| rule_of(&fact.says)).collect();
        assert_eq!(rules, [expected], "{name}: {text}");
    }
}
