"""Who gets which answer from every address of the house: the tables that test_permissions.py walks.

A row is a method, the name of an address, the thing it is asked about (or -), and a column for each actor.

    in    led to the login page, as it is for somebody whom we don't know
    200   the answer's status
    302=  the status, and a POST that changes nothing (a POST without the sign must change something)

404 is for what the actor may not know of, 403 for what their role does not do.
"""

from abuse.core.policy import DEFAULT_FILE

# The actors of the pages. Boréal answers for Acme, Bistro and Dune; Austral for Cactus.
PEOPLE = {
    ".": "anonymous",
    "A": "agent",
    "S": "specialist",
    "L": "lead",
    "D": "administrator",
    "O": "owner of boreal",
    "M": "member of boreal",
    "C": "client of acme and dune",
    "b": "client of bistro",
    "o": "owner of austral",
    "c": "client of cactus",
    "n": "person without a role",
    "i": "inactive specialist",
}

HOUSE = """
method name                                     thing    .    A    S    L    D    O    M    C    b    o    c    n    i
GET    home                                     -        in   302  302  302  302  302  302  302  302  302  302  302  in
GET    healthz                                  -        200  200  200  200  200  200  200  200  200  200  200  200  200
GET    readyz                                   -        200  200  200  200  200  200  200  200  200  200  200  200  200
GET    queuez                                   -        200  200  200  200  200  200  200  200  200  200  200  200  200
GET    problems                                 -        200  200  200  200  200  200  200  200  200  200  200  200  200
GET    problem                                  problem  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    problem                                  no-kind  404  404  404  404  404  404  404  404  404  404  404  404  404
POST   set_language                             -       302= 302  302  302  302  302  302  302  302  302= 302= 302  302=
POST   set_theme                                -       302= 302= 302= 302= 302= 302= 302= 302= 302= 302= 302= 302= 302=
GET    preferences                              -        in   200  200  200  200  200  200  200  200  200  200  200  in
POST   preferences                              -        in   302  302  302  302  302  302  302  302  302  302  302  in
GET    statement                                asked    in   200  200  200  200  200  200  200  404  404  404  403  in
GET    statement                                answered in   200  200  200  200  200  200  404  200  404  404  403  in
GET    statement                                no-case  in   404  404  404  404  404  404  404  404  404  404  403  in
GET    statement_pdf                            asked    in   200  200  200  200  200  200  200  404  404  404  403  in
GET    statement_pdf                            no-case  in   404  404  404  404  404  404  404  404  404  404  403  in
GET    questionnaire                            asked    in   200  200  200  200  200  200  200  404  404  404  403  in
GET    questionnaire                            no-case  in   404  404  404  404  404  404  404  404  404  404  403  in
GET    questionnaire_pdf                        asked    in   200  200  200  200  200  200  200  404  404  404  403  in
GET    questionnaire_pdf                        no-case  in   404  404  404  404  404  404  404  404  404  404  403  in
GET    answer_document                          document in   200  200  200  200  200  200  200  404  404  404  403  in
GET    answer_document                          forged   in   404  404  404  404  404  404  404  404  404  404  403  in
GET    unsubscribe                              token    200  200  200  200  200  200  200  200  200  200  200  200  200
POST   unsubscribe                              token    200  200  200  200  200  200  200  200  200  200  200  200  200
POST   unsubscribe                              forged   404  404  404  404  404  404  404  404  404  404  404  404  404
GET    invitation                               invited  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    invitation                               forged   404  404  404  404  404  404  404  404  404  404  404  404  404
POST   invitation                               invited  302  409  409  409  409  409  409  409  409  409  409  409  302
POST   invitation                               forged   404  404  404  404  404  404  404  404  404  404  404  404  404
"""

DESK = """
method name                                     thing    .    A    S    L    D    O    M    C    b    o    c    n    i
GET    desk:today                               -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:queue                               -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:reasons                             -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:case                                asked    in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:case                                no-case  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:take                                answered in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:take                                no-case  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:assign                              asked    in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:message                             asked    in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:letter                              answered in   200= 200= 200= 200= 403  403  403  403  403  403  403  in
POST   desk:decide                              answered in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:decide                              ask-more in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:decide                              the-end  in   403  403  302  302  403  403  403  403  403  403  403  in
POST   desk:decide                              no-case  in   404  404  404  404  403  403  403  403  403  403  403  in
GET    desk:review                              answered in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:review                              no-case  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:ask_sample                          asked    in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:ask_sample                          no-case  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:judge_sample                        sample   in   302  302  302  302  403  403  403  403  403  403  403  in
POST   desk:judge_sample                        no-samp  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:confirm_proposal                    answered in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:decline_proposal                    answered in   404  404  404  404  403  403  403  403  403  403  403  in
GET    desk:proof_file                          forged   in   403  404  404  404  403  403  403  403  403  403  403  in
GET    desk:accounts                            -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:account                             acme     in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:account                             nobody   in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:suspend                             cactus   in   403  302  302  302  403  403  403  403  403  403  403  in
GET    desk:lanes                               -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:lane                                lane     in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:lane                                no-lane  in   404  404  404  404  403  403  403  403  403  403  403  in
GET    desk:report                              report   in   403  200  200  200  403  403  403  403  403  403  403  in
GET    desk:sample                              report   in   403  200  200  200  403  403  403  403  403  403  403  in
GET    desk:sample                              unproven in   403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:accept                              unproven in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:accept                              no-report in  403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:dismiss                             report   in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:dismiss_all                         lane     in   403  302  302  302  403  403  403  403  403  403  403  in
GET    desk:reread                              lane     in   403  200  200  200  403  403  403  403  403  403  403  in
POST   desk:reread                              lane     in   403  302  302  302  403  403  403  403  403  403  403  in
GET    desk:reread                              no-lane  in   403  404  404  404  403  403  403  403  403  403  403  in
GET    desk:doors                               -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:door                                door     in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:door                                no-door  in   404  404  404  404  403  403  403  403  403  403  403  in
GET    desk:feeds                               -        in   200  200  200  200  403  403  403  403  403  403  403  in
POST   desk:enrol_feed                          -        in   403  403  403  302  403  403  403  403  403  403  403  in
POST   desk:retire_feed                         feed     in   403  403  403  302  403  403  403  403  403  403  403  in
POST   desk:retire_feed                         no-feed  in   403  403  403  404  403  403  403  403  403  403  403  in
GET    desk:policies                            -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:thresholds                          -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:write_policy                        -        in   403  200  200  200  403  403  403  403  403  403  403  in
POST   desk:write_policy                        -        in   403  302  302  302  403  403  403  403  403  403  403  in
GET    desk:incidents                           -        in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:incident                            incident in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:incident                            no-mess  in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:close_incident                      incident in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:close_incident                      no-mess  in   403  404  404  404  403  403  403  403  403  403  403  in
GET    desk:policy                              draft    in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:policy                              no-draft in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:activate_policy                     draft    in   403  403  302  302  403  403  403  403  403  403  403  in
POST   desk:activate_policy                     no-draft in   403  403  404  404  403  403  403  403  403  403  403  in
POST   desk:backtest                            draft    in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:backtest                            no-draft in   403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:shadow                              draft    in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:shadow                              no-draft in   403  404  404  404  403  403  403  403  403  403  403  in
GET    desk:laboratory                          -        in   200  200  200  200  403  403  403  403  403  403  403  in
POST   desk:calibrate                           -        in   403  302  302  302  403  403  403  403  403  403  403  in
GET    desk:trial                               trial    in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:trial                               found    in   200  200  200  200  403  403  403  403  403  403  403  in
GET    desk:trial                               no-trial in   404  404  404  404  403  403  403  403  403  403  403  in
POST   desk:cancel_trial                        waiting  in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:cancel_trial                        no-trial in   403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:draft_from_trial                    found    in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:draft_from_trial                    no-trial in   403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:withdraw_policy                     draft    in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:withdraw_policy                     no-draft in   403  404  404  404  403  403  403  403  403  403  403  in
GET    desk:enforcement                         -        in   200  200  200  200  403  403  403  403  403  403  403  in
POST   desk:ask_mtas                            -        in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:add_mta                             kumo     in   403  403  403  302  403  403  403  403  403  403  403  in
POST   desk:add_mta                             no-mta   in   403  403  403  404  403  403  403  403  403  403  403  in
POST   desk:remove_mta                          mta      in   403  403  403  302  403  403  403  403  403  403  403  in
POST   desk:remove_mta                          gone-mta in   403  403  403  404  403  403  403  403  403  403  403  in
GET    desk:orders                              -        in   200  200  200  200  403  403  403  403  403  403  403  in
POST   desk:replay                              order    in   403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:skip                                our-order in  403  302  302  302  403  403  403  403  403  403  403  in
POST   desk:skip                                no-order in   403  404  404  404  403  403  403  403  403  403  403  in
POST   desk:replay                              no-order in   403  404  404  404  403  403  403  403  403  403  403  in
"""

PORTAL = """
method name                                     thing    .    A    S    L    D    O    M    C    b    o    c    n    i
GET    portal:home                              -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:learn                             -        in   200  200  200  200  200  200  200  200  200  200  200  in
GET    portal:safe_list                         -        in   200  200  200  200  200  200  200  200  200  200  200  in
GET    portal:requests                          -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:request                           asked    in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:request                           answered in   403  403  403  403  200  200  404  200  404  404  403  in
GET    portal:request                           no-case  in   403  403  403  403  404  404  404  404  404  404  403  in
POST   portal:message                           asked    in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:appeal                            refused  in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:appeal                            asked    in   403  403  403  403  302= 302= 302= 404  404  404  403  in
GET    portal:question                          first    in   403  403  403  403  200  200  200  404  404  404  403  in
POST   portal:question                          first    in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:add_document                      first    in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:remove_document                   paper    in   403  403  403  403  302  302  302  404  404  404  403  in
GET    portal:sample                            sample   in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:sample                            no-samp  in   403  403  403  403  404  404  404  404  404  404  403  in
POST   portal:prove                             samp-1   in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:finish_sample                     sample   in   403  403  403  403  302  302  302  404  404  404  403  in
GET    portal:check                             asked    in   403  403  403  403  200  200  200  404  404  404  403  in
POST   portal:check                             asked    in   403  403  403  403  302  302  302  404  404  404  403  in
GET    portal:receipt                           answered in   403  403  403  403  200  200  404  200  404  404  403  in
GET    portal:clients                           -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:export_clients                    -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:client                            acme     in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:client                            cactus   in   403  403  403  403  404  404  404  404  200  200  403  in
GET    portal:consent                           -        in   403  403  403  403  200  200  200  302  302  302  403  in
GET    portal:consent_of                        acme     in   403  403  403  403  200  200  200  404  404  404  403  in
POST   portal:consent_of                        acme     in   403  403  403  403  302  302  302  404  404  404  403  in
GET    portal:upload                            upload   in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:upload                            unclear  in   403  403  403  403  200  200  200  404  404  404  403  in
POST   portal:answer_upload                     unclear  in   403  403  403  403  302  302  302  404  404  404  403  in
POST   portal:answer_upload                     upload   in   403  403  403  403  302= 302= 302= 404  404  404  403  in
POST   portal:withdraw_upload                   unclear  in   403  403  403  403  302  302  302  404  404  404  403  in
GET    portal:rejected_rows                     upload   in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:template_csv                      -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:template_xlsx                     -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:upload                            mixed-up in   403  403  403  403  404  404  404  404  404  404  403  in
GET    portal:record_law                        upload   in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:record_law                        mixed-up in   403  403  403  403  404  404  404  404  404  404  403  in
GET    portal:letters                           -        in   403  403  403  403  200  200  200  200  200  200  403  in
GET    portal:letter                            letter   in   403  403  403  403  200  200  200  404  404  404  403  in
GET    portal:people                            -        in   403  403  403  200  200  403  403  403  200  403  403  in
POST   portal:people                            -        in   403  403  403  302  302  403  403  403  302  403  403  in
GET    portal:people_of                         acme     in   403  403  403  200  200  403  403  403  404  403  403  in
GET    portal:people_of                         nobody   in   403  403  403  404  404  403  403  403  404  403  403  in
POST   portal:people_of                         acme     in   403  403  403  302  302  403  403  403  404  403  403  in
POST   portal:remove_person                     member   in   403  403  403  302  302  403  403  403  404  403  403  in
POST   portal:invite_again                      guest    in   403  403  403  302  302  403  403  403  404  403  403  in
POST   portal:invite_again                      no-guest in   403  403  403  404  404  403  403  403  404  403  403  in
POST   portal:take_back                         guest    in   403  403  403  302  302  403  403  403  404  403  403  in
GET    portal:keys                              -        in   403  403  403  200  200  403  200  200  200  200  403  in
POST   portal:keys                              -        in   403  403  403  200  200  403  200  200  200  200  403  in
POST   portal:keys                              of-acme  in   403  403  403  422  200  403  200  422  422  422  403  in
GET    portal:webhooks                          -        in   403  403  403  200  200  403  404  404  200  404  403  in
POST   portal:webhooks                          -        in   403  403  403  200  200  403  404  404  200  404  403  in
POST   portal:test_webhook                      endpoint in   403  403  403  302= 302= 403  404  404  404  404  403  in
POST   portal:rotate_webhook                    endpoint in   403  403  403  200  200  403  404  404  404  404  403  in
POST   portal:disable_webhook                   endpoint in   403  403  403  302  302  403  404  404  404  404  403  in
POST   portal:disable_webhook                   our-hook in   403  403  403  302  404  403  404  404  404  404  403  in
POST   portal:revoke                            key-acme in   403  403  403  404  302  403  302  404  404  404  403  in
POST   portal:revoke                            key-ours in   403  403  403  302  404  403  404  404  404  404  403  in
"""

# The pages of allauth: a person's own password and second factor; nobody else's can be named. * is everybody else.
DOORS = """
method name                                     thing    .    i    *
GET    account_login                            -        200  200  302
POST   account_login                            -        200= 200= 302=
GET    account_logout                           -        302  302  200
POST   account_logout                           -        302= 302= 302=
GET    account_inactive                         -        200  200  200
GET    account_signup                           -        200  200  302
POST   account_signup                           -        200= 200= 302=
GET    account_reauthenticate                   -        in   in   403
POST   account_reauthenticate                   -        in   in   403
GET    account_email                            -        404  404  404
POST   account_email                            -        404  404  404
GET    account_email_verification_sent          -        200  200  200
GET    account_change_password                  -        in   in   302
POST   account_change_password                  -        in   in   302=
GET    account_set_password                     -        in   in   200
POST   account_set_password                     -        in   in   200=
POST   account_set_password                     chosen   in   in   302
GET    account_reset_password                   -        200  200  200
POST   account_reset_password                   -        200= 200= 200=
GET    account_reset_password_done              -        200  200  200
GET    account_reset_password_from_key          no-reset 200  200  200
POST   account_reset_password_from_key          no-reset 200= 200= 200=
GET    account_reset_password_from_key_done     -        200  200  200
GET    account_confirm_login_code               -        in   in   302
POST   account_confirm_login_code               -        in   in   302=
GET    account_confirm_email                    no-mail  200  200  200
POST   account_confirm_email                    no-mail  404  404  404
GET    mfa_index                                -        in   in   200
GET    mfa_authenticate                         -        in   in   302
POST   mfa_authenticate                         -        in   in   302=
GET    mfa_reauthenticate                       -        in   in   403
POST   mfa_reauthenticate                       -        in   in   403
GET    mfa_activate_totp                        -        in   in   200
POST   mfa_activate_totp                        -        in   in   200=
GET    mfa_deactivate_totp                      -        in   in   404
POST   mfa_deactivate_totp                      -        in   in   404
GET    mfa_view_recovery_codes                  -        in   in   404
GET    mfa_generate_recovery_codes              -        in   in   200
POST   mfa_generate_recovery_codes              -        in   in   200=
GET    mfa_download_recovery_codes              -        in   in   404
"""

# The callers of the API.
CALLERS = {
    ".": "no key",
    "x": "a revoked key",
    "P": "platform",
    "-": "platform, without the scope that is needed",
    "B": "boreal",
    "K": "acme",
    "a": "austral",
    "k": "cactus",
}

API = """
method name                     thing    .    x    P    -    B    K    a    k
GET    api:schema               -        200  200  200  200  200  200  200  200
GET    api:docs                 -        200  200  200  200  200  200  200  200
GET    api:resellers            -        401  401  200  403  200  200  200  200
POST   api:resellers            -        401  401  201  403  403  403  403  403
GET    api:accounts             -        401  401  200  403  200  200  200  200
POST   api:accounts             -        401  401  201  403  403  403  403  403
GET    api:account              acme     401  401  200  403  200  200  404  404
GET    api:assets               acme     401  401  200  403  200  200  404  404
POST   api:assets               acme     401  401  201  403  403  403  403  403
GET    api:standing             acme     401  401  200  403  200  200  404  404
GET    api:rates                acme     401  401  200  403  200  200  404  404
GET    api:suppressions         acme     401  401  200  403  200  200  404  404
POST   api:suppression-check    acme     401  401  200= 403  200= 200= 404  404
POST   api:reports              -        401  401  202  403  403  403  403  403
POST   api:references           -        401  401  200  403  403  403  403  403
POST   api:delivery-counts      -        401  401  200  403  403  403  403  403
POST   api:campaigns            -        401  401  200  403  403  403  403  403
POST   api:mta-logs-kumo        -        401  401  202  403  403  403  403  403
GET    api:consent-uploads      of-acme  401  401  200  403  200  200  404  404
POST   api:consent-uploads      of-acme  401  401  201  403  201  201  404  404
GET    api:consent-upload       sent     401  401  200  403  200  200  404  404
PATCH  api:consent-upload       begun    401  401  204  403  204  204  404  404
DELETE api:consent-upload       begun    401  401  204  403  204  204  404  404
DELETE api:consent-upload       sent     401  401  409  403  409  409  404  404
POST   api:consent-answers      doubtful 401  401  200  403  200  200  404  404
POST   api:consent-answers      sent     401  401  409  403  409  409  404  404
POST   api:consent-confirm      doubtful 401  401  200  403  200  200  404  404
POST   api:consent-confirm      sent     401  401  409  403  409  409  404  404
GET    api:consent-rejects      sent     401  401  200  403  200  200  404  404
POST   api:consent-records      of-acme  401  401  201  403  201  201  404  404
POST   api:consent-records-batch of-acme 401  401  200  403  200  200  404  404
POST   api:consent-record-lookup of-acme 401  401  200= 403  200= 200= 404  404
GET    api:consent-record       record   401  401  200  403  200  200  404  404
GET    api:consent-record       no-record 401 401  404  403  404  404  404  404
POST   api:consent-record-withdrawal record 401 401 201 403  201  201  404  404
POST   api:consent-withdrawals  of-acme  401  401  201  403  201  201  404  404
GET    api:cases                -        401  401  200  403  200  200  200  200
GET    api:cases                of-acme  401  401  200  403  200  200  404  404
GET    api:case                 asked    401  401  200  403  200  200  404  404
GET    api:answers              asked    401  401  200  403  200  200  404  404
PUT    api:answer               one      401  401  200  403  200  200  404  404
POST   api:submission           asked    401  401  201  403  201  201  404  404
GET    api:statement            asked    401  401  200  403  200  200  404  404
GET    api:messages             asked    401  401  200  403  200  200  404  404
POST   api:messages             asked    401  401  201  403  201  201  404  404
GET    api:evidence-requests    asked    401  401  200  403  200  200  404  404
GET    api:evidence-request     sample   401  401  200  403  200  200  404  404
GET    api:evidence-request     no-samp  401  401  404  403  404  404  404  404
PUT    api:evidence-proof       samp-1   401  401  200  403  200  200  404  404
POST   api:evidence-submission  sample   401  401  200  403  200  200  404  404
GET    api:webhook-endpoints    -        401  401  200  403  200  200  200  200
POST   api:webhook-endpoints    -        401  401  201  403  201  403  201  403
DELETE api:webhook-endpoint     endpoint 401  401  204  403  204  404  404  404
DELETE api:webhook-endpoint     our-hook 401  401  204  403  404  404  404  404
POST   api:webhook-endpoint-test endpoint 401 401  200= 403  200= 404  404  404
POST   api:webhook-endpoint-test our-hook 401 401  200= 403  404  404  404  404
GET    api:enforcement-standings -       401  401  200  403  200  404  404  404
POST   api:enforcement-acknowledgements - 401 401  200  403  200  404  404  404
GET    api:orders               -        401  401  200  403  200  200  200  200
POST   api:order-replay         order    401  401  202  403  202  404  404  404
POST   api:esp                  hook     401  401  401  401  401  401  401  401
POST   api:esp                  no-hook  404  404  404  404  404  404  404  404
GET    api:nothing-here         -        404  404  404  404  404  404  404  404
POST   api:order-replay         our-order 401 401  202  403  404  404  404  404
"""

# What the POSTs and PUTs say, by name, and by name and thing where it differs.
WORDS = "Nous avons retiré la liste achetée."
CONSENT = b"Courriel;Date;IP\r\nmarie@example.com;2026-03-21 21:16:58 -04:00;192.0.2.17\r\n"
# A policy that is not the one in force.
POLICY = DEFAULT_FILE.read_text(encoding="utf-8").replace('name = "default"', 'name = "essai"', 1)

BODIES: dict[str, dict[str, object]] = {
    "set_language": {"language": "en"},
    "set_theme": {"theme": "dark"},
    "preferences": {"language": "en"},
    "unsubscribe": {"List-Unsubscribe": "One-Click"},
    "account_set_password chosen": {"password1": "coquelicot-9-tiroirs", "password2": "coquelicot-9-tiroirs"},
    "desk:ask_sample": {"size": 5, "days": 7},
    "desk:judge_sample": {"verdict-1": "proved"},
    "portal:prove": {"text": "En boutique."},
    "desk:write_policy": {"text": POLICY, "reason": "Un essai."},
    "desk:activate_policy": {"over": "1"},
    "desk:backtest": {"days": "30"},
    "desk:shadow": {"action": "start"},
    "desk:calibrate": {"days": "90", "target": "5"},
    "desk:draft_from_trial": {"estimate": "maturity.median"},
    "desk:assign": {"to": "{lead}"},
    "desk:message": {"text": WORDS},
    "desk:letter": {"verb": "refuse", "reason": WORDS},
    "desk:close_incident": {"note": "Panne du fournisseur"},
    "desk:decide": {"verb": "reinstate", "reason": WORDS},
    "desk:decide ask-more": {"verb": "ask", "reason": WORDS},
    "desk:decide the-end": {"verb": "terminate", "reason": WORDS},
    "desk:suspend": {"reason": WORDS},
    "desk:accept": {"note": WORDS},
    "desk:dismiss": {"note": WORDS},
    "desk:dismiss_all": {"note": WORDS, "reason": "no_reference"},
    "desk:skip": {"reason": WORDS},
    "desk:enrol_feed": {"name": "Yahoo", "key": "yahoo", "kind": "arf", "senders": "feedback@arf.mail.yahoo.com"},
    "invitation": {"name": "Nina Roy", "password": "coquelicot-9-tiroirs", "language": "fr"},
    "portal:people": {"email": "paul@example.com", "place": "{place}", "language": "fr"},
    "portal:people_of": {"email": "paul@example.com", "place": "client:acme", "language": "fr"},
    "portal:answer_upload": {"act": "look", "column1": "email", "column2": "consent_date", "date_order": "day_first"},
    "portal:message": {"text": WORDS},
    "portal:appeal": {"reason": WORDS},
    "portal:question": {"date": "2026-03-22"},
    "portal:check": {"name": "Marie Tremblay", "truth": "on"},
    "portal:keys": {"label": "essai", "owner": "{own}", "scopes": ["standing:read"]},
    "portal:keys of-acme": {"label": "essai", "owner": "account:acme", "scopes": ["standing:read"]},
    "desk:add_mta": {
        "name": "kumo-1",
        "url": "http://192.0.2.10:8000",
        "tenant": "{account}",
        "campaign": "{campaign}",
        "hours": "24",
    },
    "portal:webhooks": {"url": "http://127.0.0.1:9/new", "owner": "{own}"},
    "api:resellers": {"key": "zenith", "name": "Zénith", "language": "fr", "notice_address": "avis@example.com"},
    "api:accounts": {"key": "zinc", "name": "Zinc", "reseller": "boreal", "language": "fr"},
    "api:assets": {"kind": "domain", "value": "courrier.example.com"},
    "api:consent-answers": {"date_order": "day_first", "zone": "UTC"},
    "api:consent-records": {
        "email": "marie@example.com",
        "method": "single_opt_in",
        "consented_at": "2026-03-21T21:16:58-04:00",
    },
    "api:consent-record-lookup": {"recipient": "marie@example.com"},
    "api:consent-record-withdrawal": {"how": "lien du courriel"},
    "api:consent-withdrawals": {"recipients": ["marie@example.com"]},
    "api:suppression-check": {"recipients": ["marie@yahoo.ca"]},
    "api:references": {
        "account": "acme",
        "rows": [{"recipient": "marie@example.com", "campaign": "solde", "send_hour": "2026-11-20T14:00Z"}],
    },
    "api:delivery-counts": {
        "batch": "mta1",
        "rows": [
            {
                "account": "acme",
                "campaign": "solde",
                "provider": "gmail",
                "hour": "2026-11-20T14:00Z",
                "delivered": 18250,
            }
        ],
    },
    "api:campaigns": {"rows": [{"account": "acme", "campaign": "solde", "list": "import-1", "stream": "marketing"}]},
    "api:mta-logs-kumo": {"type": "Reception", "recipient": "marie@example.com"},
    "api:answer": {"value": {"date": "2026-03-22"}},
    "api:submission": {"declared_name": "Marie Tremblay"},
    "api:messages": {"text": WORDS},
    "api:evidence-proof": {"text": "En boutique."},
    "api:webhook-endpoints": {"url": "http://127.0.0.1:9/new"},
    "api:enforcement-acknowledgements": {"cursor": 0},
}
FILES: dict[str, bytes] = {
    "portal:add_document": b"%PDF-1.4 une preuve",
    "portal:consent_of": CONSENT,
    "api:consent-uploads": CONSENT,
    "api:consent-records-batch": b'{"email":"m@example.com","method":"other","consented_at":"2026-03-21T21:16:58Z"}',
    "api:reports": b"From: fbl@example.net\r\nSubject: plainte\r\n\r\nSee below.\r\n",
}

# Where these people may invite somebody to.
PLACES = {"O": "reseller_member:boreal", "o": "reseller_member:austral"}

# To whom a new key of these people belongs.
OWN = {
    "D": "platform",
    "O": "reseller:boreal",
    "C": "account:dune",
    "b": "account:bistro",
    "o": "reseller:austral",
    "c": "account:cactus",
}
